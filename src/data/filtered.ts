import type { RouteConfig } from "../config/config.ts";
import { refusalOf } from "../http/failures.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { refuse } from "./exchange/refuse.ts";
import { answerFault } from "./forward/answer-fault.ts";
import type { Action } from "./route/router.ts";
import { describeFilterError } from "./transform/filter-error.ts";
import type { FilterTools } from "./transform/filters/filter-tools.ts";
import type { RequestFilter, Verdict } from "./transform/request/request-filter.ts";
import { createRequestFilters } from "./transform/request/request-filters.ts";

/** What filters of requests are applied with. */
export interface FilteredTools extends FilterTools {
  readonly reportFault: (exchange: Exchange, error: unknown) => void;
}

/** Sends an exchange through its route's filters of requests, in order, before the action; without any that costs nothing. */
export function filtered(act: Action, { filters }: RouteConfig, tools: FilteredTools): Action {
  const all = createRequestFilters(filters.request, tools);
  if (all.length === 0) return act;
  return async (exchange) => {
    for (const filter of all) {
      const verdict = await applyOne(filter, exchange, tools);
      if (verdict instanceof Response) return verdict;
      if (verdict) return refuse(exchange, verdict);
    }
    return act(exchange);
  };
}

/** A filter that throws costs its exchange, and only the log says why. */
async function applyOne(filter: RequestFilter, exchange: Exchange, tools: FilteredTools): Promise<Verdict> {
  try {
    return await filter.apply(exchange);
  } catch (error) {
    const fault = exchange.clientBody?.fault ?? (exchange.request.signal.aborted ? "client_left" : undefined);
    if (fault) return answerFault(exchange, fault);
    tools.reportFault(exchange, new Error(describeFilterError(filter.name, error), { cause: error }));
    return refusalOf("proxy_internal_error", { status: 502 });
  }
}
