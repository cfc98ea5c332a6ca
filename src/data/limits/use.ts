import type { Config, RouteConfig } from "../../config/config.ts";
import { limitsOf } from "../../config/effective.ts";
import type { Challenges } from "../challenge/challenge.ts";
import { withChallenge } from "./challenge.ts";
import { checkConcurrency } from "./concurrency.ts";
import type { Check, LimitTools } from "./denial.ts";
import { rateTableOf } from "./rate-table.ts";
import { createRateLimits } from "./rates.ts";
import type { RateLimits } from "./rates.ts";

type LimitedRoute = Pick<RouteConfig, "name" | "limits"> | undefined;

/** Whose use is checked. */
interface UsedRoute {
  readonly route: LimitedRoute;
  /** What a client over its rate may solve: each clearance buys the same allowance once more. */
  readonly challenges: Challenges | undefined;
}

/** Rates and concurrency together: an exchange that one of them refuses takes nothing from the other. */
export function checkUse(
  config: Pick<Config, "limits">,
  { route, challenges }: UsedRoute,
  tools: LimitTools,
): Check | undefined {
  const rates = ratesOf(config, route, tools);
  const concurrency = checkConcurrency(config, route, tools);
  if (!rates) return concurrency;
  return (exchange, client) => {
    let payer = client;
    let tooFast = rates.take(exchange, payer);
    if (tooFast?.isOfClient && challenges) {
      const cleared = challenges.clearanceOf(exchange, client);
      if (cleared === undefined) return withChallenge(tooFast, challenges.ask(exchange, client));
      payer = `cleared ${cleared}`;
      tooFast = rates.take(exchange, payer);
    }
    if (tooFast || !concurrency) return tooFast;
    const tooMany = concurrency(exchange, client);
    if (tooMany) rates.giveBack(exchange, payer);
    return tooMany;
  };
}

/** A route's own rules count it alone; those of all routes count them together. */
function ratesOf(
  config: Pick<Config, "limits">,
  route: LimitedRoute,
  { now, ...tools }: LimitTools,
): RateLimits | undefined {
  const { scope } = limitsOf(config, { limits: route?.limits ?? {} });
  const own = route?.limits.rate;
  const kept = { now, table: rateTableOf(scope, tools) };
  return own ? createRateLimits(own, route.name, kept) : createRateLimits(config.limits.rate, "", kept);
}
