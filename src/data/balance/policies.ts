import type { PolicyFactory } from "./policy.ts";
import { roundRobin } from "./round-robin.ts";

/** Every policy, by its name in the configuration. */
export const policies = {
  "round-robin": roundRobin,
} satisfies Record<string, PolicyFactory>;
