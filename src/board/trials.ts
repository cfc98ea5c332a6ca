import { rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { ageOfMs, toStamp } from "./stamp.ts";

/** The one request that decides whether an ejected server comes back. */
export interface Trials {
  /** Offers a trial from that instant on, at most 24 days ahead; offering again replaces it. */
  offerTrial(row: number, atMs: number): void;
  /** Takes an offer back. */
  withdrawTrial(row: number): void;
  /** In how many ms the trial is due (0 or less: now); Infinity where none is on offer. */
  trialInMs(row: number, nowMs: number): number;
  /** Takes the trial that is on offer: of all callers over all threads, one gets true. */
  claimTrial(row: number): boolean;
}

/** Trials, each a stamp that its taker removes. */
export function createTrials({ words, layout }: Memory): Trials {
  return {
    offerTrial(row, atMs) {
      Atomics.store(words, rowAt(layout, row) + RowWord.trialAt, toStamp(atMs));
    },
    withdrawTrial(row) {
      Atomics.store(words, rowAt(layout, row) + RowWord.trialAt, 0);
    },
    trialInMs(row, nowMs) {
      const stamp = Atomics.load(words, rowAt(layout, row) + RowWord.trialAt);
      return stamp === 0 ? Infinity : -ageOfMs(stamp, nowMs);
    },
    claimTrial: (row) => Atomics.exchange(words, rowAt(layout, row) + RowWord.trialAt, 0) !== 0,
  };
}
