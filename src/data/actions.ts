import type { RouteConfig } from "../config/config.ts";
import { refusalOf } from "../http/failures.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { refuse } from "./exchange/refuse.ts";
import type { ForwardTools } from "./forward/forward-tools.ts";
import { forward } from "./forward/forward.ts";
import type { ForwardPlan } from "./forward/sending.ts";
import { toTimeLimits } from "./forward/time-limits.ts";
import { forwardSocket, isSocketRequest } from "./forward/web-socket.ts";
import { createRedirect } from "./route/redirect.ts";
import { createRespond } from "./route/respond.ts";
import { createRewrite } from "./route/rewrite.ts";
import type { Action, RoutePlan } from "./route/router.ts";
import type { Upstream } from "./upstream/upstream.ts";

const BAD_REWRITE = refusalOf("proxy_configuration_error", { detail: "the route's rewrite gives no path" });

/** Works out once what each route does with its exchanges. */
export function planRoutes(
  routes: readonly RouteConfig[],
  upstreams: ReadonlyMap<string, Upstream>,
  tools: ForwardTools,
): readonly RoutePlan[] {
  return routes.map((config) => ({ config, act: actionOf(config, upstreams, tools) }));
}

function actionOf(
  config: RouteConfig,
  upstreams: ReadonlyMap<string, Upstream>,
  tools: ForwardTools,
): Action {
  if (config.redirect) return createRedirect(config.redirect);
  if (config.respond) return createRespond(config.respond);
  const upstream = upstreams.get(config.upstream ?? "");
  if (!upstream) throw new Error(`Cannot run route "${config.name}": it names no upstream`);
  const plan = { upstream, limits: toTimeLimits(upstream.config.timeouts, config.timeouts) };
  return withRewrite(config, createForward(plan, tools));
}

function createForward(plan: ForwardPlan, tools: ForwardTools): Action {
  return (exchange) =>
    isSocketRequest(exchange) ? forwardSocket(exchange, plan, tools) : forward(exchange, plan, tools);
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
