/** Where a server's slow start begins: at once with nothing it would never be measured. */
const leastRatio = 0.1;

/** What the weight of a server that came up a while ago depends on. */
export interface WarmUp {
  /** The weight that it is to have in the end. */
  readonly weight: number;
  readonly upSinceAt: number;
  /** How long the ramp takes; 0 = none. */
  readonly slowStartMs: number;
}

/**
 * The weight of a server now: it rises evenly from 10 % to all of its weight.
 *
 * Evenly, because that is what people expect who read "over 30 s", and because any other curve needs a number that
 * nobody knows for their servers (Envoy's `aggression` is 1, that is, even, unless somebody sets it).
 */
export function effectiveWeight({ weight, upSinceAt, slowStartMs }: WarmUp, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - upSinceAt); // a clock that was set back does not make it negative
  if (elapsedMs >= slowStartMs) return weight;
  return weight * Math.max(leastRatio, elapsedMs / slowStartMs);
}
