import type { Candidates } from "./policy.ts";

/** Draws a candidate by weight. `chance` is a random number in [0, 1). */
export function drawOne(candidates: Candidates, chance: number): number {
  return candidates.at(chance * candidates.totalWeight);
}

/**
 * Draws another candidate than the first, by weight among the rest.
 *
 * The first one's stretch is cut out of the line of weights, so that one draw is enough and every pair of equals is as
 * likely as every other. Drawing anew until they differ would be as fair but without a bound, and taking the neighbour
 * instead pairs neighbours too often.
 */
export function drawOther(candidates: Candidates, first: number, chance: number): number {
  const start = candidates.start(first);
  const width = candidates.start(first + 1) - start;
  const point = chance * (candidates.totalWeight - width);
  const other = candidates.at(point < start ? point : point + width);
  return other === first ? nextTo(candidates, first) : other; // where rounding put a point on the edge
}

function nextTo(candidates: Candidates, index: number): number {
  return index + 1 < candidates.count ? index + 1 : index - 1;
}
