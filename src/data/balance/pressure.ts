import type { Candidates } from "./policy.ts";

/**
 * How busy `a` is compared with `b`, by (in-flight + 1) / weight: below 1 = less busy.
 *
 * Of two idle servers neither is busier: otherwise the heavier one would get everything, and not just its share, while
 * traffic is low.
 */
export function relativePressure(candidates: Candidates, a: number, b: number): number {
  const inflightA = candidates.inflight(a);
  const inflightB = candidates.inflight(b);
  if (inflightA === 0 && inflightB === 0) return 1;
  return ((inflightA + 1) * candidates.weight(b)) / ((inflightB + 1) * candidates.weight(a));
}
