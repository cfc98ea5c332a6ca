import type { Config, RouteConfig } from "../../config/config.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { conditionsOf } from "./conditions.ts";
import { createPathTest } from "./path-test.ts";

/** A route that does not take an exchange, and why. */
export interface LostRoute {
  readonly route: string;
  readonly lost: string;
}

/** Which route takes an exchange, and why those before it do not. */
export interface RouteExplanation {
  /** Undefined where no route takes it. */
  readonly route: RouteConfig | undefined;
  readonly why: readonly LostRoute[];
}

/** Goes through the routes as the router does, with the same path matcher and the same conditions, and notes the reasons. */
export function explainRoute(routes: Config["routes"], exchange: Exchange): RouteExplanation {
  const why: LostRoute[] = [];
  for (const route of routes) {
    const lost = lostBecause(route, exchange);
    if (lost === undefined) return { route, why };
    why.push({ route: route.name, lost });
  }
  return { route: undefined, why };
}

function lostBecause(route: RouteConfig, exchange: Exchange): string | undefined {
  if (!createPathTest(route.path)(exchange.matchPath)) return `path does not match ${route.path}`;
  return conditionsOf(route, always).find(({ holds }) => !holds(exchange))?.lost;
}

/** What a route takes by chance, it is explained to take: the first such route stands for all of them. */
function always(): number {
  return 0;
}
