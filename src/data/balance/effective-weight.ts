/** Where a slow start begins: a server that got nothing would never be measured. */
const leastRatio = 0.1;

/** What the weight of a server depends on that came up a while ago. */
export interface WarmUp {
  /** The weight that it is to have in the end. */
  readonly weight: number;
  readonly upSinceAt: number;
  /** How long the ramp takes; 0 = none. */
  readonly slowStartMs: number;
}

/**
 * The weight of a server at this moment: it rises evenly from 10 % to all of it.
 *
 * Evenly, because that is what "over 30 s" says, and because any other curve needs a number that nobody knows for their
 * servers (Envoy's `aggression` makes an even ramp unless somebody sets it).
 */
export function effectiveWeight({ weight, upSinceAt, slowStartMs }: WarmUp, nowMs: number): number {
  const elapsedMs = nowMs - upSinceAt;
  if (elapsedMs >= slowStartMs) return weight;
  return weight * Math.max(leastRatio, elapsedMs / slowStartMs); // below 0 where the clock was set back
}
