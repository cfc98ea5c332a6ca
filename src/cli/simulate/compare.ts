import type { PolicyName } from "../../data/balance/policies.ts";
import { simulate, type SimulationResult } from "../../data/balance/simulate/simulate.ts";
import type { Scenario } from "./scenario.ts";
import { seedFor } from "./seeds.ts";

/** Runs every policy of a scenario on the same requests. `onStart` is told which comes next. */
export function compare(scenario: Scenario, onStart: (policy: PolicyName) => void): SimulationResult[] {
  return scenario.policies.map((balance) => {
    onStart(balance);
    return simulate({
      balance,
      servers: scenario.servers.map(({ model }) => model),
      workload: scenario.createWorkload(),
      requests: scenario.requests,
      seed: seedFor("service", scenario.seed),
      retries: scenario.retries,
      slowStartMs: scenario.slowStartMs,
      ...(scenario.passive && { passive: scenario.passive }),
    });
  });
}
