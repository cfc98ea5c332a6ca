/**
 * An instant in one word: milliseconds modulo 2^32, and never 0, which means "not yet". Ages come out right up to 24
 * days; `tick` forgets what is older than a day, so that nothing comes back when the clock has gone round.
 */
export function toStamp(atMs: number): number {
  return Math.floor(atMs) | 0 || 1;
}

/** How long ago the stamp was taken; negative where the clock was set back since. */
export function ageOfMs(stamp: number, nowMs: number): number {
  return ((Math.floor(nowMs) | 0) - stamp) | 0;
}

/** How long ago the stamp was taken, at least 0; Infinity where it never was. */
export function sinceMs(stamp: number, nowMs: number): number {
  return stamp === 0 ? Infinity : Math.max(0, ageOfMs(stamp, nowMs));
}

/** After this time without news a stamped value is forgotten: a day. */
export const forgetAfterMs = 86_400_000;
