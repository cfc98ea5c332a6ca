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
  let count = 0;
  let units = 0;
  let step = 0;
  return (candidates) => {
    const total = Math.round(candidates.totalWeight / candidates.weightUnit);
    if (total !== units || candidates.count !== count) {
      step = stepOf(candidates, total);
      units = total;
      count = candidates.count;
    }
    return candidates.at((((nextTurn() % total) * step) % total) * candidates.weightUnit);
  };
};

/** How many steps are looked at for the smoothest. */
const stepsToTry = 32;

/** Equal servers come in their own order; else of the steps around the golden section the one that spreads best. */
function stepOf(candidates: Candidates, units: number): number {
  if (units === candidates.count) return 1;
  const golden = Math.round(units / goldenRatio);
  let best = 1;
  for (let step = golden; step < Math.min(golden + stepsToTry, units); step++) {
    if (roughness(units, step) < roughness(units, best)) best = step;
  }
  return best;
}

/**
 * The sum of the quotients of units / step as a continued fraction, which bounds how uneven multiples of the step lie;
 * Infinity for a step that would not visit every unit.
 *
 * Source: Niederreiter, "Random Number Generation and Quasi-Monte Carlo Methods", 1992, section 3.1.
 */
function roughness(units: number, step: number): number {
  if (step === 0) return units === 1 ? 0 : Number.POSITIVE_INFINITY;
  return Math.floor(units / step) + roughness(step, units % step);
}
