import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { Hono } from "hono";
import type { Handler } from "hono";
import type { RouteConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "../exchange/refuse.ts";
import { conditionsOf, holdAll } from "./conditions.ts";
import type { Condition } from "./conditions.ts";
import { createPathRouter } from "./path-router.ts";

/** Answers an exchange that a route was found for. */
export type Action = (exchange: Exchange) => OutgoingAnswer | Promise<OutgoingAnswer>;

/** A route and what follows from it. */
export interface RoutePlan {
  readonly config: RouteConfig;
  readonly act: Action;
}

/** Finds the route of an exchange and answers by it. */
export type Router = (exchange: Exchange) => OutgoingAnswer | Promise<OutgoingAnswer>;

/**
 * One Hono app for a snapshot's routes. Hono matches the canonical path; the conditions narrow; the first match in the
 * file's order wins, and what no route takes is for `lost`: 404.
 *
 * Hono's router is asked directly: its context, made for every request, would cost as much as the rest of routing.
 */
export function createRouter(
  plans: readonly RoutePlan[],
  { lost = refuseLost, random }: { readonly lost?: Action; readonly random: () => number },
): Router {
  const app = new Hono({ router: createPathRouter(plans.map(({ config }) => config.path)) });
  const routes = new Map(plans.map((plan) => [addRoute(app, plan.config.path), compile(plan, random)]));
  app.router.match("GET", "/"); // Hono builds when first asked: now, and not while a client waits
  return (exchange) => {
    const [matches] = app.router.match("GET", exchange.matchPath);
    for (const [[marker]] of matches) {
      const route = routes.get(marker);
      if (route === undefined || !holdAll(route.conditions, exchange)) continue;
      exchange.route = route.name;
      return route.act(exchange);
    }
    return lost(exchange);
  };
}

/** Answers an exchange that no route takes. */
export function refuseLost(exchange: Exchange): OutgoingAnswer {
  return refuse(exchange, refusalOf("destination_not_found"));
}

interface CompiledRoute {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly act: Action;
}

function compile({ config, act }: RoutePlan, random: () => number): CompiledRoute {
  return { name: config.name, conditions: conditionsOf(config, random), act };
}

type Marker = unknown;

/** Adds a path pattern; what Hono gives back for a path that it matches is the marker. */
function addRoute(app: Hono, path: string): Marker {
  const marker: Handler = (context) => context.text(path);
  app.all(path, marker);
  return marker;
}
