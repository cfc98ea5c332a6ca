import { releaseHolds } from "./holds.ts";
import { releaseShares } from "./inflight.ts";
import { Header, rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { createRateSweep } from "./rates.ts";
import { clearRecent } from "./recent.ts";
import { ageOfMs, forgetAfterMs, toStamp } from "./stamp.ts";
import { clearTallies } from "./tallies.ts";
import { addTotals, type Totals } from "./totals.ts";
import { clearNextSlots, clearWindow } from "./window.ts";
import { clearWorker } from "./worker-words.ts";

/** What the control plane does to keep the board in order. */
export interface Upkeep {
  /** Makes a row as good as new; nothing may be in flight on it, nobody writing to it. */
  clearRow(row: number): void;
  /** Adds what a row's server counted in an earlier life. */
  addTotals(row: number, before: Totals): void;
  /** To be called at least every 10 s: makes room for the slots to come, and forgets stamps before they go round. */
  tick(nowMs: number): void;
  /** Takes all that a dead worker held off the board; its successor may then open it under the same index. */
  releaseWorker(workerIndex: number): void;
}

/** Upkeep of this memory. Only rows that `clearRow` gave out are looked after, so that memory not in use stays untouched. */
export function createUpkeep(memory: Memory): Upkeep {
  const { words, layout } = memory;
  const sweepRates = createRateSweep(memory);
  return {
    clearRow(row) {
      const at = rowAt(layout, row);
      words.fill(0, at, at + RowWord.words);
      clearWindow(memory, row);
      clearRecent(memory, row);
      clearTallies(memory, row);
      if (Atomics.load(words, Header.rowsInUse) <= row) Atomics.store(words, Header.rowsInUse, row + 1);
    },
    addTotals: (row, before) => addTotals(words, rowAt(layout, row), before),
    tick(nowMs) {
      sweepRates(nowMs);
      const rows = Atomics.load(words, Header.rowsInUse);
      for (let row = 0; row < rows; row++) {
        clearNextSlots(memory, row, nowMs);
        refreshTrial(words, rowAt(layout, row) + RowWord.trialAt, nowMs);
        forgetOld(words, rowAt(layout, row), nowMs);
      }
    },
    releaseWorker(workerIndex) {
      releaseShares(memory, workerIndex);
      releaseHolds(memory, workerIndex);
      clearWorker(memory, workerIndex);
    },
  };
}

function refreshTrial(words: Int32Array, at: number, nowMs: number): void {
  const stamp = Atomics.load(words, at);
  const isOld = stamp !== 0 && ageOfMs(stamp, nowMs) > forgetAfterMs; // a day without traffic: the trial still stands
  if (isOld) Atomics.compareExchange(words, at, stamp, toStamp(nowMs));
}

const stamped = [
  { stamp: RowWord.ewmaAt, value: RowWord.ewma },
  { stamp: RowWord.loadAt, value: RowWord.loadAt },
  { stamp: RowWord.upAt, value: RowWord.upAt },
  { stamp: RowWord.failedAt, value: RowWord.failedAt },
] as const;

function forgetOld(words: Int32Array, rowStartsAt: number, nowMs: number): void {
  for (const { stamp, value } of stamped) {
    const age = ageOfMs(Atomics.load(words, rowStartsAt + stamp), nowMs);
    if (Math.abs(age) > forgetAfterMs) Atomics.store(words, rowStartsAt + value, 0);
  }
}
