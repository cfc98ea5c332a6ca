import { rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";

/** One cursor for all workers. */
export interface Turns {
  /** Counts up by one with each call, over all threads: 0 to 2^31 - 1, and again from 0. */
  nextTurn(row: number): number;
}

/** Turns of a row: whose they are is the caller's choice, such as an upstream's first server. */
export function createTurns({ words, layout }: Memory): Turns {
  return {
    nextTurn: (row) => Atomics.add(words, rowAt(layout, row) + RowWord.turns, 1) & 0x7fff_ffff,
  };
}
