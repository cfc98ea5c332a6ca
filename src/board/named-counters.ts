import { counterAt } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { addWide, readWide } from "./wide-counter.ts";

/** Counters that belong to no row: refusals by reason and the like. Whoever owns an index below 256 gives it a meaning. */
export interface NamedCounters {
  /** Adds a whole number to a counter. */
  count(index: number, amount: number): void;
  /** Reads a counter. */
  counter(index: number): number;
}

/** The named counters of this memory. */
export function createNamedCounters({ words }: Memory): NamedCounters {
  return {
    count: (index, amount) => addWide(words, counterAt(index), amount),
    counter: (index) => readWide(words, counterAt(index)),
  };
}
