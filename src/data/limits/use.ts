import type { Config, RouteConfig } from "../../config/config.ts";
import { checkConcurrency } from "./concurrency.ts";
import type { Check, LimitTools } from "./denial.ts";
import { createRateLimits } from "./rates.ts";
import type { RateLimits } from "./rates.ts";

type LimitedRoute = Pick<RouteConfig, "name" | "limits"> | undefined;

/** Rates and concurrency together: an exchange that one of them refuses takes nothing from the other. */
export function checkUse(
  config: Pick<Config, "limits">,
  route: LimitedRoute,
  tools: LimitTools,
): Check | undefined {
  const rates = ratesOf(config, route, tools);
  const concurrency = checkConcurrency(config, route, tools);
  if (!rates) return concurrency;
  return (exchange, client) => {
    const tooFast = rates.take(exchange, client);
    if (tooFast || !concurrency) return tooFast;
    const tooMany = concurrency(exchange, client);
    if (tooMany) rates.giveBack(exchange, client);
    return tooMany;
  };
}

/** A route's own rules count it alone; those of all routes count them together. */
function ratesOf(
  { limits }: Pick<Config, "limits">,
  route: LimitedRoute,
  tools: LimitTools,
): RateLimits | undefined {
  const own = route?.limits.rate;
  return own ? createRateLimits(own, route.name, tools) : createRateLimits(limits.rate, "", tools);
}
