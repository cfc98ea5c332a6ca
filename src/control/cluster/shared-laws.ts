import type { RateLaw } from "../../board/rates.ts";
import type { Config } from "../../config/config.ts";
import { limitsOf } from "../../config/effective.ts";
import { toRateRules } from "../../data/limits/rate-rules.ts";

/** The laws of all rates that a configuration wants to be kept by the nodes together, by their scopes. */
export function sharedLaws(config: Pick<Config, "limits" | "routes">): ReadonlyMap<number, RateLaw> {
  const isShared = (route: Pick<Config["routes"][number], "limits">) =>
    limitsOf(config, route).scope === "cluster";
  const rules = config.limits.scope === "cluster" ? toRateRules(config.limits.rate, "") : [];
  const own = config.routes
    .filter(isShared)
    .flatMap(({ name, limits }) =>
      limits.rate ? toRateRules(limits.rate, name) : toRateRules(config.limits.rate, ""),
    );
  return new Map([...rules, ...own].map(({ law }) => [law.scope, law]));
}
