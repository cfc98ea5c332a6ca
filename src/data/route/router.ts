import { Hono } from "hono";
import type { RouteConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "../exchange/refuse.ts";
import { conditionsOf, holdAll } from "./conditions.ts";

/** Answers an exchange that a route was found for. */
export type Action = (exchange: Exchange) => Response | Promise<Response>;

/** A route and what follows from it. */
export interface RoutePlan {
  readonly config: RouteConfig;
  readonly act: Action;
}

/** Finds the route of an exchange and answers by it. */
export type Router = (exchange: Exchange) => Response | Promise<Response>;

interface Bindings {
  readonly exchange: Exchange;
}

/**
 * One Hono app for a snapshot's routes. Hono matches the path; the conditions narrow; the first match in the file's order
 * wins, and what no route takes is 404.
 */
export function createRouter(plans: readonly RoutePlan[]): Router {
  const app = new Hono<{ Bindings: Bindings }>({
    // The canonical path, which the runtimes' own spelling of the URL is not.
    getPath: (_request, options) => (options as { env: Bindings }).env.exchange.matchPath,
  });
  for (const { config, act } of plans) addRoute(app, config, act);
  app.notFound(({ env }) => refuse(env.exchange, refusalOf("destination_not_found")));
  app.onError((error) => {
    throw error; // The life of a request answers it, and says in the log what it was.
  });
  return (exchange) => app.fetch(exchange.request, { exchange });
}

function addRoute(app: Hono<{ Bindings: Bindings }>, config: RouteConfig, act: Action): void {
  const conditions = conditionsOf(config);
  app.all(config.path, ({ env: { exchange } }, next) => {
    if (!holdAll(conditions, exchange)) return next();
    exchange.route = config.name;
    return act(exchange);
  });
}
