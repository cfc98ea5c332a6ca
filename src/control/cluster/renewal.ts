import type { RateLaw } from "../../board/rates.ts";
import type { SharedLevel, SharedUse } from "../../board/shared-rates.ts";

/** What is remembered of a key between two renewals. */
export interface Tracked {
  readonly id: bigint;
  readonly asked: number;
  readonly passed: number;
  /** Monotonic clock, ms. */
  readonly readAt: number;
  readonly askedPerSecond: number;
}

/** A key whose lease is to be renewed. */
export interface Renewal {
  readonly use: SharedUse;
  readonly law: RateLaw;
  /** What is remembered from now on. */
  readonly next: Tracked;
  /** So many passed… */
  readonly passed: number;
  /** …in this time, ms. */
  readonly sinceMs: number;
}

/** A key and how it stands. */
export interface LeasedKey {
  readonly use: SharedUse;
  readonly law: RateLaw;
  readonly before: Tracked;
  readonly held: SharedLevel;
}

/** The times that a renewal goes by, ms. */
export interface RenewalTimes {
  readonly nowMs: number;
  readonly intervalMs: number;
}

/** How often a key is asked for is averaged over about this time, ms. */
const averageMs = 500;

/**
 * The renewal that is due for a key; undefined where none is. Where there is nothing to fear, once an interval is enough; at
 * once, where something was refused, little is left, or what was asked for is asked for no more, so that others could have it.
 */
export function renewalOf({ use, law, before, held }: LeasedKey, times: RenewalTimes): Renewal | undefined {
  const [asked, passed] = [since(before.asked, use.asked), since(before.passed, use.passed)];
  const sinceMs = times.nowMs - before.readAt;
  const isForgotten = asked === 0 && before.askedPerSecond < leastOf(law);
  const isPressing = asked > passed || asked === 0 || held.level < held.most / 2;
  if (isForgotten || (!isPressing && sinceMs < times.intervalMs)) return undefined;
  const askedPerSecond = averageOf(before.askedPerSecond, asked, sinceMs);
  const next = { id: use.id, asked: use.asked, passed: use.passed, readAt: times.nowMs, askedPerSecond };
  return { use, law, next, passed, sinceMs };
}

/** How far a counter that goes round at 2^32 has come. */
export function since(before: number, after: number): number {
  return Math.max(0, (after - before) | 0);
}

/** Less than this is next to nothing: nobody else would gain by it. */
function leastOf({ intervalUs }: RateLaw): number {
  return 1e6 / intervalUs / 100;
}

/** A moving average that a new key begins with what it was asked for at once. */
function averageOf(before: number, asked: number, sinceMs: number): number {
  const rate = (asked * 1000) / Math.max(1, sinceMs);
  if (before === 0) return rate;
  return before + (rate - before) * (1 - Math.exp(-sinceMs / averageMs));
}
