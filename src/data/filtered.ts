import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
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
  return (exchange) => applyFrom(0, exchange, { all, act, tools });
}

interface Chain {
  readonly all: readonly RequestFilter[];
  readonly act: Action;
  readonly tools: FilteredTools;
}

/** Applies the filters from one on; nothing is waited for but those that wait. */
function applyFrom(
  first: number,
  exchange: Exchange,
  chain: Chain,
): OutgoingAnswer | Promise<OutgoingAnswer> {
  const { all, act, tools } = chain;
  for (let at = first; at < all.length; at++) {
    const verdict = applyOne(all[at] as RequestFilter, exchange, tools);
    if (verdict instanceof Promise) return waitFor(verdict, at, { exchange, chain });
    const answer = answerOf(verdict, exchange);
    if (answer) return answer;
  }
  return act(exchange);
}

/** Apart from the loop: with a closure in it each turn would cost one. */
async function waitFor(
  verdict: Promise<Verdict>,
  at: number,
  { exchange, chain }: { readonly exchange: Exchange; readonly chain: Chain },
): Promise<OutgoingAnswer> {
  return answerOf(await verdict, exchange) ?? applyFrom(at + 1, exchange, chain);
}

function answerOf(verdict: Verdict, exchange: Exchange): OutgoingAnswer | undefined {
  return verdict && ("body" in verdict ? verdict : refuse(exchange, verdict));
}

/** A filter that throws costs its exchange, and only the log says why. */
function applyOne(
  filter: RequestFilter,
  exchange: Exchange,
  tools: FilteredTools,
): Verdict | Promise<Verdict> {
  try {
    const verdict = filter.apply(exchange);
    return verdict instanceof Promise ? applyLate(verdict, filter, { exchange, tools }) : verdict;
  } catch (error) {
    return blame(filter, error, { exchange, tools });
  }
}

async function applyLate(
  verdict: Promise<Verdict>,
  filter: RequestFilter,
  around: { readonly exchange: Exchange; readonly tools: FilteredTools },
): Promise<Verdict> {
  try {
    return await verdict;
  } catch (error) {
    return blame(filter, error, around);
  }
}

function blame(
  { name }: RequestFilter,
  error: unknown,
  { exchange, tools }: { readonly exchange: Exchange; readonly tools: FilteredTools },
): Verdict {
  const fault = exchange.clientBody?.fault ?? (exchange.request.signal.aborted ? "client_left" : undefined);
  if (fault) return answerFault(exchange, fault);
  tools.reportFault(exchange, new Error(describeFilterError(name, error), { cause: error }));
  return refusalOf("proxy_internal_error", { status: 502 });
}
