import type { Config, RouteConfig, TimeoutsConfig } from "../config/config.ts";
import { compressionOf, errorPagesOf } from "../config/effective.ts";
import { refusalOf } from "../http/failures.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { refuse } from "./exchange/refuse.ts";
import type { ForwardTools } from "./forward/forward-tools.ts";
import { noteGarbage } from "./forward/body/note-garbage.ts";
import { forward } from "./forward/forward.ts";
import { liftIdleLimit } from "./forward/idle-limit.ts";
import { createMirror } from "./forward/mirror.ts";
import type { Mirror } from "./forward/sending.ts";
import { toTimeLimits } from "./forward/time-limits.ts";
import type { TimeLimits } from "./forward/time-limits.ts";
import { forwardSocket, isSocketRequest } from "./forward/web-socket.ts";
import { createRedirect } from "./route/redirect.ts";
import { createRespond } from "./route/respond.ts";
import { createSplit } from "./route/split.ts";
import { createRewrite } from "./route/rewrite.ts";
import type { Action, RoutePlan } from "./route/router.ts";
import type { Snapshot } from "./snapshot.ts";
import { filtered } from "./filtered.ts";
import type { FilteredTools } from "./filtered.ts";
import { createResponseFilters } from "./transform/filters/response-filters.ts";
import { createStage } from "./transform/stage.ts";
import type { Stage } from "./transform/stage.ts";
import type { Upstream } from "./upstream/upstream.ts";

const BAD_REWRITE = refusalOf("proxy_configuration_error", { detail: "the route's rewrite gives no path" });

/** Works out once what each route does with its exchanges. */
export function planRoutes(
  { config }: Pick<Snapshot, "config">,
  upstreams: ReadonlyMap<string, Upstream>,
  tools: RouteTools,
): readonly RoutePlan[] {
  const { host } = tools;
  return config.routes.map((route) => {
    const filtering = filteringOf(config, route, tools);
    const filters = createResponseFilters(route.filters.response, filtering);
    const stage = createStage({
      compression: compressionOf(config, route),
      filters,
      gzipWhole: host.gzip,
    });
    const { intercept } = errorPagesOf(config, route);
    const intercepted = intercept.length > 0 ? new Set(intercept) : undefined;
    return { config: route, act: actionOf(route, { upstreams, tools, stage, intercepted, filtering }) };
  });
}

/** What a route's filters work with. */
function filteringOf(config: Config, route: RouteConfig, tools: RouteTools): FilteredTools {
  const { host, deadlines, report, reportFault, modules } = tools;
  const { monotonicMs } = host.time;
  const client = {
    ...patienceOf(config, route),
    monotonicMs,
    after: deadlines.after.bind(deadlines),
    liftIdleLimit: (exchange: Exchange) => liftIdleLimit(exchange, { host }),
  };
  return {
    upstreams: config.upstreams,
    modules,
    client,
    monotonicMs,
    noteGarbage: (bytes) => noteGarbage(bytes, { host }),
    report,
    reportFault,
  };
}

/** How long clients may take over bodies that filters read before a server is chosen, at most: as long as with any server. */
function patienceOf(
  { upstreams }: Pick<Config, "upstreams">,
  { upstream, split, timeouts }: RouteConfig,
): Pick<TimeLimits, "idleMs" | "totalMs"> {
  const names = Object.keys(split ?? { [upstream ?? ""]: 1 });
  const all = names.map((name) => toTimeLimits(upstreams[name]?.timeouts ?? WITHOUT_SERVER, timeouts));
  const longest = (limit: "idleMs" | "totalMs"): number => Math.max(...all.map((limits) => limits[limit]));
  return { idleMs: longest("idleMs"), totalMs: longest("totalMs") };
}

/** As the configuration's own values for upstreams, ms. */
const WITHOUT_SERVER: TimeoutsConfig = { connect: 0, response: 0, idle: 60_000, total: 0 };

/** What routes are planned with. */
export type RouteTools = ForwardTools & Pick<FilteredTools, "modules" | "report">;

interface Surroundings {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly tools: ForwardTools;
  /** What the route does to its answers. */
  readonly stage: Stage | undefined;
  /** Statuses of servers that our own page stands in for. */
  readonly intercepted: ReadonlySet<number> | undefined;
  readonly filtering: FilteredTools;
}

function actionOf(config: RouteConfig, around: Surroundings): Action {
  return withRewrite(config, filtered(unfilteredAction(config, around), config, around.filtering));
}

function unfilteredAction(config: RouteConfig, around: Surroundings): Action {
  if (config.redirect) return createRedirect(config.redirect, around.stage);
  if (config.respond) return createRespond(config.respond, around.stage);
  return config.split
    ? splitAction(config, config.split, around)
    : forwardTo(config.upstream, config, around);
}

function forwardTo(name: string | undefined, config: RouteConfig, around: Surroundings): Action {
  const { upstreams, tools, stage, intercepted } = around;
  const upstream = upstreamNamed(name, config, upstreams);
  const mirror = mirrorOf(config, around);
  const limits = toTimeLimits(upstream.config.timeouts, config.timeouts);
  const plan = { upstream, limits, mirror, stage, intercepted };
  return (exchange) =>
    isSocketRequest(exchange) ? forwardSocket(exchange, plan, tools) : forward(exchange, plan, tools);
}

function splitAction(
  config: RouteConfig,
  shares: Readonly<Record<string, number>>,
  around: Surroundings,
): Action {
  const ways = Object.entries(shares).map(([name, weight]) => {
    const { sticky } = upstreamNamed(name, config, around.upstreams);
    const isHome = (exchange: Exchange): boolean => sticky !== undefined && sticky.placeOf(exchange) >= 0;
    return { to: forwardTo(name, config, around), weight, isHome };
  });
  const wayOf = createSplit(config.name, ways);
  return (exchange) => wayOf(exchange)(exchange);
}

function mirrorOf(
  { mirror, ...config }: RouteConfig,
  { upstreams, tools }: Surroundings,
): Mirror | undefined {
  if (!mirror) return undefined;
  const upstream = upstreamNamed(mirror.upstream, config, upstreams);
  return createMirror({ upstream, limits: toTimeLimits(upstream.config.timeouts, {}) }, mirror.share, tools);
}

function upstreamNamed(
  name: string | undefined,
  config: Pick<RouteConfig, "name">,
  upstreams: ReadonlyMap<string, Upstream>,
): Upstream {
  const upstream = upstreams.get(name ?? "");
  if (!upstream) throw new Error(`Cannot run route "${config.name}": there is no upstream "${name ?? ""}"`);
  return upstream;
}

function withRewrite({ rewrite }: RouteConfig, act: Action): Action {
  if (!rewrite) return act;
  const apply = createRewrite(rewrite);
  return (exchange: Exchange) => {
    const target = apply(exchange.path, exchange.query);
    if (target === undefined) return refuse(exchange, BAD_REWRITE);
    exchange.target = target;
    return act(exchange);
  };
}
