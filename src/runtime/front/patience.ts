/** What of a connection says how long it may go on; all times in ticks of its listener. */
export interface Waiting {
  /** Whether no request waits for its answer, nor another protocol is spoken. */
  readonly isIdle: boolean;
  /** Whether an answer is over but for what its client has not taken; nobody else watches that. */
  readonly isFlushing: boolean;
  /** When something was last heard or taken. */
  readonly movedAt: number;
  /** When something was last taken, or began to wait for it. */
  readonly takenAt: number;
  /** What waits to be taken. */
  readonly outlet: { readonly isEmpty: boolean };
  /** Since when a head is waited for that is owed: the first, or one that has begun; 0 for none. */
  readonly headSince: number;
  /** When we said goodbye; 0 before. */
  readonly endSince: number;
}

/** What time it is, and how long a quiet connection is kept, in ticks. */
export interface Clock {
  readonly tick: number;
  /** Infinity = for ever. */
  readonly idleTicks: number;
}

/** The length of a tick, ms. */
export const TICK_MS = 250;

/** How long a client may take over its first head, or over the rest of another, ticks. */
const HEAD_TICKS = 40;

/** How long a client may take to close its end after we did, ticks. */
const LINGER_TICKS = 20;

/** A client that takes nothing for so long is slow, ticks. */
const STALL_TICKS = 1;

/** How long quiet connections are kept, ticks; 0 ms = for ever. */
export function idleTicksOf(idleTimeoutMs: number): number {
  return idleTimeoutMs === 0 ? Number.POSITIVE_INFINITY : Math.ceil(idleTimeoutMs / TICK_MS);
}

/**
 * Whether a client does nothing for too long, drips its head, leaves an answer that is over, or does not let go after our
 * goodbye. While an exchange is under way, its own deadlines count.
 */
export function isOverdue(connection: Waiting, { tick, idleTicks }: Clock): boolean {
  const { isIdle, isFlushing, movedAt, takenAt, headSince, endSince } = connection;
  if (endSince > 0) return tick - endSince >= LINGER_TICKS;
  if (isFlushing) return tick - takenAt >= idleTicks;
  if (!isIdle) return false;
  return tick - movedAt >= idleTicks || (headSince > 0 && tick - headSince >= HEAD_TICKS);
}

/** Whether a client takes nothing of what waits for it. */
export function isStalled({ outlet, takenAt }: Waiting, { tick }: Clock): boolean {
  return !outlet.isEmpty && tick - takenAt >= STALL_TICKS;
}
