import { hash } from "./hash.ts";
import { leastConnections } from "./least-connections.ts";
import type { PolicyFactory } from "./policy.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { random } from "./random.ts";
import { reportedLoad } from "./reported-load.ts";
import { responseTime } from "./response-time.ts";
import { roundRobin } from "./round-robin.ts";

/** Every policy, by its name in the configuration. */
export const policies = {
  "round-robin": roundRobin,
  "least-connections": leastConnections,
  "power-of-two": powerOfTwo,
  "response-time": responseTime,
  "reported-load": reportedLoad,
  hash,
  random,
} as const satisfies Record<string, PolicyFactory>;

/** The name of a policy. */
export type PolicyName = keyof typeof policies;
