import type { Candidates, PolicyFactory } from "./policy.ts";
import { roundRobin } from "./round-robin.ts";

/**
 * Takes the candidate with the fewest requests under way for its weight, (in-flight + 1) / weight, and among equals the
 * next by round-robin. Idle ones are equals, whatever their weight: their turns follow their weights.
 *
 * In-flight is exact over all workers, so that this is the true minimum at the moment of the choice. Among many servers
 * `power-of-two` is as even and cheaper.
 */
export const leastConnections: PolicyFactory = (tools) => {
  const takeTurn = roundRobin(tools);
  return (candidates, key) => leastBusyFrom(candidates, takeTurn(candidates, key));
};

function leastBusyFrom(candidates: Candidates, start: number): number {
  let least = start;
  let leastInflight = candidates.inflight(start);
  let leastWeight = candidates.weight(start);
  let firstIdle = leastInflight === 0 ? start : -1;
  const { count } = candidates;
  for (let step = 1; step < count; step++) {
    const index = start + step < count ? start + step : start + step - count;
    const inflight = candidates.inflight(index);
    const weight = candidates.weight(index);
    if (inflight === 0 && firstIdle < 0) firstIdle = index;
    if ((inflight + 1) * leastWeight >= (leastInflight + 1) * weight) continue;
    least = index;
    leastInflight = inflight;
    leastWeight = weight;
  }
  return leastInflight === 0 ? firstIdle : least;
}
