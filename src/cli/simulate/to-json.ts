import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import type { Scenario } from "./scenario.ts";

/** The comparison for programs; times in ms, null where no request was answered. */
export function toJson(scenario: Scenario, results: readonly SimulationResult[]): string {
  const { servers, configured, latency, requestsPerSecond, utilisationRatio, requests, seed, notes } =
    scenario;
  const whole = {
    configured,
    servers: servers.map(({ name, flaw, model: { weight, slots } }) => ({ name, weight, slots, flaw })),
    latency,
    requestsPerSecond,
    utilisationRatio,
    requests,
    seed,
    retries: scenario.retries,
    slowStartMs: scenario.slowStartMs,
    isEjecting: scenario.passive !== undefined,
    notes,
    results: results.map(toResult),
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function toResult(result: SimulationResult): object {
  const { balance, responseTimeMs, errors, attempts, elapsedMs, evenness, attemptsByServer } = result;
  const { p50, p95, p99 } = responseTimeMs ?? { p50: null, p95: null, p99: null };
  return {
    policy: balance,
    responseTimeMs: { p50, p95, p99 },
    errors,
    attempts,
    elapsedMs,
    ...evenness,
    attemptsByServer,
  };
}
