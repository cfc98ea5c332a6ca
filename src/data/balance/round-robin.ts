import type { Candidates, PolicyFactory } from "./policy.ts";

const goldenRatio = (1 + Math.sqrt(5)) / 2;

/**
 * Takes turns: within one round each server comes exactly as often as its weight says, and evenly spread.
 *
 * All workers count turns together, and whose turn it is follows from its number alone, so they share one sequence
 * without a lock. A round visits every unit of weight once, in golden steps: between two visits of the same server those
 * leave gaps of at most three lengths, close to each other (three-distance theorem), whatever the weights. nginx's
 * smooth weighted round-robin is as even, but walks over all servers for each request.
 */
export const roundRobin: PolicyFactory = ({ nextTurn }) => {
  let units = 0;
  let step = 0;
  return (candidates) => {
    const total = Math.round(candidates.totalWeight / candidates.weightUnit);
    if (total !== units) {
      step = stepOf(candidates, total);
      units = total;
    }
    return candidates.at((((nextTurn() % total) * step) % total) * candidates.weightUnit);
  };
};

/** Equal servers come in their own order; else the step next to the golden section that visits every unit. */
function stepOf(candidates: Candidates, units: number): number {
  if (units === candidates.count) return 1;
  let step = Math.round(units / goldenRatio);
  while (!isCoprime(step, units)) step++;
  return step;
}

function isCoprime(a: number, b: number): boolean {
  return b === 0 ? a === 1 : isCoprime(b, a % b);
}
