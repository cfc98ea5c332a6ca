import type { Histogram } from "./histogram.ts";
import { bucketCount, slotAt, slotRing, SlotWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { claim, clearAhead, type Stretch } from "./ring.ts";
import { readWide } from "./wide-counter.ts";

/** The length of one slot of the window. */
export const slotMs = 10_000;
/** How many slots the window looks back over, the running one included: 5 minutes. */
export const windowSlots = 30;

/** The first word of the row's running slot, made ready for recording where it was not yet. */
export function claimSlot(memory: Memory, row: number, nowMs: number): number {
  const slot = Math.floor(nowMs / slotMs);
  const at = slotAt(memory.layout, row, slot);
  if (Atomics.load(memory.words, at) !== slot) claim(memory.words, stretchAt(at, slot));
  return at;
}

/** A stretch of the window: so many slots, the last of them running at `nowMs`. */
export interface Span {
  readonly nowMs: number;
  /** At most `windowSlots`. */
  readonly slots: number;
}

/** The first words of the row's slots that lie in the span. Others were left behind by the ring, or never used. */
export function slotsInSpan(memory: Memory, row: number, { nowMs, slots }: Span): number[] {
  const last = Math.floor(nowMs / slotMs);
  const found: number[] = [];
  for (let slot = last - slots + 1; slot <= last; slot++) {
    const at = slotAt(memory.layout, row, slot);
    if (Atomics.load(memory.words, at) === slot) found.push(at);
  }
  return found;
}

/** Clears the slots whose time comes next, where they were used. */
export function clearNextSlots(memory: Memory, row: number, nowMs: number): void {
  const slot = Math.floor(nowMs / slotMs);
  for (const next of [slot + 1, slot + 2]) {
    clearAhead(memory.words, stretchAt(slotAt(memory.layout, row, next), next));
  }
}

/** Forgets all of a row's window; nobody may be recording. */
export function clearWindow(memory: Memory, row: number): void {
  for (let place = 0; place < slotRing; place++) {
    clearAhead(memory.words, stretchAt(slotAt(memory.layout, row, place), noSlot));
  }
}

const noSlot = -2; // no slot bears this tag, so whatever was used is cleared

function stretchAt(at: number, tag: number): Stretch {
  return { at, tag, words: SlotWord.buckets + bucketCount };
}

/**
 * Adds the response times of a slot to a histogram.
 *
 * Reads plainly: a whole word cannot be torn, a count that is a moment old is as good, and `Atomics.load` would make the
 * percentiles of 1,000 servers cost eight times as much.
 */
export function addSlot(histogram: Histogram, words: Int32Array, at: number): void {
  const { buckets } = histogram;
  const from = at + SlotWord.buckets;
  let total = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const count = words[from + bucket] as number;
    if (count === 0) continue;
    buckets[bucket] = (buckets[bucket] as number) + count;
    total += count;
  }
  histogram.count += total;
  histogram.sumMs += readWide(words, at + SlotWord.sumMicros) / 1000;
}
