import type { Config, RequestFilterConfig, RouteConfig } from "../config/config.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { FilterTools } from "./transform/filters/filter-tools.ts";
import { createResponseFilters } from "./transform/filters/response-filters.ts";
import type { FilterModule } from "./transform/modules/filter-module.ts";
import { createRequestFilters } from "./transform/request/request-filters.ts";
import type { Verdict } from "./transform/request/request-filter.ts";

/** What a route's filters do to a request and to its answer, in order. */
export interface ExplainedFilters {
  readonly request: readonly string[];
  readonly response: readonly string[];
}

/**
 * Names a route's filters, and applies those of requests that need neither a body nor code of the user's own: what they make
 * of the exchange is told, and what the target becomes is seen in it.
 */
export function explainFilters(
  { upstreams }: Pick<Config, "upstreams">,
  { filters }: RouteConfig,
  exchange: Exchange,
): ExplainedFilters {
  const tools: FilterTools = {
    upstreams,
    modules: everyModule,
    client: nobody,
    monotonicMs: () => 0,
    noteGarbage() {},
    report() {},
  };
  return {
    request: filters.request.flatMap((config) => explainOne(config, exchange, tools)),
    response: createResponseFilters(filters.response, tools).map(({ name }) => name),
  };
}

function explainOne(config: RequestFilterConfig, exchange: Exchange, tools: FilterTools): string[] {
  return createRequestFilters([config], tools).map((filter) => {
    if (!isPlain(config)) return filter.name;
    const before = valuesOf(exchange);
    const refusal = describe(filter.apply(exchange));
    return `${filter.name}: ${refusal ?? describeEdits(before, valuesOf(exchange))}`;
  });
}

/** Whether the filter needs nothing but the head of the request. */
function isPlain(config: RequestFilterConfig): boolean {
  if ("block" in config) return config.block.in !== "body";
  return !("module" in config || "replaceBody" in config);
}

function describe(verdict: Verdict | Promise<Verdict>): string | undefined {
  if (verdict === undefined || verdict instanceof Promise) return undefined;
  return `refuses this request with ${verdict.status}`;
}

/** What filters may change: the fields by their names, and the target by none. */
function valuesOf({ headers, target }: Exchange): ReadonlyMap<string, string> {
  return new Map([...headers, ["", target]]);
}

/** Which fields became others; never what they say, which may be a secret. */
function describeEdits(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const edits = [
    ["adds", [...after.keys()].filter((name) => !before.has(name))],
    ["changes", [...after].flatMap(([name, value]) => (isChanged(before.get(name), value) ? [name] : []))],
    ["removes", [...before.keys()].filter((name) => !after.has(name))],
  ] as const;
  const told = edits.filter(([, names]) => names.length > 0);
  if (told.length === 0) return "leaves this request as it is";
  return told
    .map(([verb, names]) => `${verb} ${names.map((name) => name || "the target").join(", ")}`)
    .join(", ");
}

function isChanged(before: string | undefined, after: string): boolean {
  return before !== undefined && before !== after;
}

/** No body is read to explain. */
const nobody: FilterTools["client"] = {
  idleMs: Infinity,
  totalMs: Infinity,
  monotonicMs: () => 0,
  after: () => ({ stop() {} }),
  liftIdleLimit() {},
};

/** No code is loaded to explain: of a module only the name is told. */
const everyModule: ReadonlyMap<string, FilterModule> = {
  get: () => ({ request() {}, response() {} }),
} as Pick<ReadonlyMap<string, FilterModule>, "get"> as ReadonlyMap<string, FilterModule>;
