import { RecentWord, rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { claimSecond } from "./recent.ts";
import { sinceMs, toStamp } from "./stamp.ts";

/** Failures as passive health means them. */
export interface Failures {
  /** Counts a failure; gives how many there were in a row, this one included. */
  recordFailure(row: number, nowMs: number): number;
  /** Ends a row of failures. */
  recordSuccess(row: number): void;
  /** Failures since the last success. */
  failuresInARow(row: number): number;
  /** How long ago the last failure was, in ms; Infinity where there was none, or none since a day. */
  sinceFailureMs(row: number, nowMs: number): number;
}

/** Counters of failures. */
export function createFailures(memory: Memory): Failures {
  const { words, layout } = memory;
  return {
    recordFailure(row, nowMs) {
      const at = rowAt(layout, row);
      Atomics.add(words, claimSecond(memory, row, nowMs) + RecentWord.failures, 1);
      Atomics.store(words, at + RowWord.failedAt, toStamp(nowMs));
      return Atomics.add(words, at + RowWord.failuresInARow, 1) + 1;
    },
    recordSuccess(row) {
      const at = rowAt(layout, row) + RowWord.failuresInARow;
      if (Atomics.load(words, at) !== 0) Atomics.store(words, at, 0); // a store would take the cache line from the others
    },
    failuresInARow: (row) => Atomics.load(words, rowAt(layout, row) + RowWord.failuresInARow),
    sinceFailureMs: (row, nowMs) =>
      sinceMs(Atomics.load(words, rowAt(layout, row) + RowWord.failedAt), nowMs),
  };
}
