import type { PolicyName } from "../../data/balance/policies.ts";
import type { ModelledHealthSettings } from "../../data/balance/simulate/modelled-health.ts";
import type { Workload } from "../../data/balance/simulate/workload.ts";
import type { NamedServer } from "./fleet.ts";

/** Everything that a comparison depends on. */
export interface Scenario {
  readonly policies: readonly PolicyName[];
  /** The one that the configuration has; undefined where there is none. */
  readonly configured: PolicyName | undefined;
  readonly servers: readonly NamedServer[];
  /** Where service times come from, in a few words. */
  readonly latency: string;
  readonly requestsPerSecond: number;
  /** What is special about how requests come, in a few words; "" for nothing. */
  readonly arrivals: string;
  /** That rate over what the servers can do while all are well; 0 where nobody can say. */
  readonly utilisationRatio: number;
  readonly requests: number;
  readonly seed: number;
  readonly retries: number;
  readonly slowStartMs: number;
  readonly passive: ModelledHealthSettings | undefined;
  /** Requests in their order; to be made anew for each policy. */
  readonly createWorkload: () => Workload;
  /** What waits longer for its answer would have failed; 0 = nothing would. */
  readonly responseTimeoutMs: number;
  /** What somebody who reads the numbers should know. */
  readonly notes: readonly string[];
}
