import { createEwma } from "./ewma.ts";
import { bucketOf } from "./histogram.ts";
import { RecentWord, rowAt, RowWord, SlotWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { claimSecond } from "./recent.ts";
import { addWide } from "./wide-counter.ts";
import { claimSlot } from "./window.ts";

/** What came of the attempts on each row. */
export interface Attempts {
  /**
   * Counts an attempt that was answered with this status, or that failed without an answer: 0, or that says nothing about
   * the server, since its client left or another one was faster: undefined.
   */
  recordAttempt(row: number, status: number | undefined, nowMs: number): void;
  /** Records the time to an answer's headers, for the percentiles and for the average. */
  recordResponseTime(row: number, ms: number, nowMs: number): void;
  /** Makes the average, and only it, see a time that was not measured: what a failure costs. */
  penalize(row: number, ms: number, nowMs: number): void;
  /** Counts an attempt that repeats a failed one. */
  recordRetry(row: number, nowMs: number): void;
  /** Adds whole bytes of request bodies (in) and response bodies (out). */
  addBytes(row: number, bytesIn: number, bytesOut: number): void;
  /**
   * The peak-sensitive average of response times in ms, fading towards 0 while there is no traffic; NaN while never
   * measured.
   */
  averageMs(row: number, nowMs: number): number;
}

/** Counters of attempts: totals, the running slot of the past 5 minutes, the running second, the average. */
export function createAttempts(memory: Memory): Attempts {
  const { words, layout } = memory;
  const ewma = createEwma(words);
  return {
    recordAttempt(row, status, nowMs) {
      countTotals(words, rowAt(layout, row), status);
      countInSlot(words, claimSlot(memory, row, nowMs), isError(status));
      Atomics.add(words, claimSecond(memory, row, nowMs) + RecentWord.requests, 1);
    },
    recordResponseTime(row, ms, nowMs) {
      const spentMs = plausible(ms);
      recordTotalTime(words, rowAt(layout, row), spentMs);
      recordInSlot(words, claimSlot(memory, row, nowMs), spentMs);
      ewma.observe(rowAt(layout, row) + RowWord.ewma, spentMs, nowMs);
    },
    penalize: (row, ms, nowMs) => ewma.observe(rowAt(layout, row) + RowWord.ewma, plausible(ms), nowMs),
    recordRetry(row, nowMs) {
      addWide(words, rowAt(layout, row) + RowWord.retries, 1);
      Atomics.add(words, claimSecond(memory, row, nowMs) + RecentWord.retries, 1);
    },
    addBytes(row, bytesIn, bytesOut) {
      if (bytesIn > 0) addWide(words, rowAt(layout, row) + RowWord.bytesIn, bytesIn);
      if (bytesOut > 0) addWide(words, rowAt(layout, row) + RowWord.bytesOut, bytesOut);
    },
    averageMs: (row, nowMs) => ewma.read(rowAt(layout, row) + RowWord.ewma, nowMs),
  };
}

/** A clock that was set must not make a sum negative or endless. */
function plausible(ms: number): number {
  return ms > 0 ? Math.min(ms, longestMs) : 0;
}

const longestMs = 86_400_000;

function isError(status: number | undefined): boolean {
  return status !== undefined && (status < 100 || status >= 500);
}

function countTotals(words: Int32Array, at: number, status: number | undefined): void {
  addWide(words, at + RowWord.requests, 1);
  if (isError(status)) addWide(words, at + RowWord.errors, 1);
  const hundreds = Math.floor((status ?? 0) / 100);
  if (hundreds >= 1 && hundreds <= 5) addWide(words, at + RowWord.statuses + 2 * (hundreds - 1), 1);
}

function countInSlot(words: Int32Array, at: number, countsAsError: boolean): void {
  Atomics.add(words, at + SlotWord.requests, 1);
  if (countsAsError) Atomics.add(words, at + SlotWord.errors, 1);
}

function recordTotalTime(words: Int32Array, at: number, ms: number): void {
  addWide(words, at + RowWord.responses, 1);
  addWide(words, at + RowWord.responseMicros, Math.round(ms * 1000));
}

function recordInSlot(words: Int32Array, at: number, ms: number): void {
  Atomics.add(words, at + SlotWord.buckets + bucketOf(ms), 1);
  addWide(words, at + SlotWord.sumMicros, Math.round(ms * 1000));
}
