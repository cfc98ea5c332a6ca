import type { Attempts } from "./attempts.ts";
import type { Failures } from "./failures.ts";
import { emptyHistogram, type Histogram, type Quantiles, quantilesIn } from "./histogram.ts";
import type { Inflight } from "./inflight.ts";
import { rowAt, SlotWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { longestRecent, type Recent, readRecent } from "./recent.ts";
import type { ReportedLoad } from "./reported-load.ts";
import type { ServerState } from "./server-state.ts";
import type { Standing } from "./standing.ts";
import { readTotals, type Totals } from "./totals.ts";
import { addSlot, slotMs, slotsInSpan, type Span, windowSlots } from "./window.ts";

/** What the control plane reads off the rows. */
export interface Readings {
  /**
   * Percentiles of the past 5 minutes (or of the past `spanMs`, in whole slots of 10 s, the running one included) over
   * one or several rows; undefined without traffic.
   */
  quantilesOf(rows: readonly number[], nowMs: number, spanMs?: number): Quantiles | undefined;
  /** The response times of the same stretch of time, to be added to others. */
  histogramOf(row: number, nowMs: number, spanMs: number): Histogram;
  /** errors / requests of the past 5 minutes, 0..1; 0 without traffic. */
  errorRate(row: number, nowMs: number): number;
  /** Requests, failures and retries of the last seconds (at most 60), the running one included. */
  recent(row: number, seconds: number, nowMs: number): Recent;
  /** What a row has counted. */
  totals(row: number): Totals;
  /** All numbers of a row, for status, metrics and history. */
  readRow(row: number, nowMs: number): RowReading;
}

/** All numbers of a row at one instant. */
export interface RowReading extends Totals {
  readonly state: ServerState;
  readonly weight: number;
  readonly inflight: number;
  readonly failuresInARow: number;
  /** The server's own report, however old; null where there is none. */
  readonly load: number | null;
  /** errors / requests of the past 5 minutes, 0..1. */
  readonly errorRate: number;
  /** Response times of the past 5 minutes; null without traffic. */
  readonly responseTimeMs: Quantiles | null;
  /** The peak-sensitive average of response times; null while never measured. */
  readonly averageMs: number | null;
}

/** The live numbers that a reading puts beside what it reads itself. */
export type Live = Standing & Inflight & Failures & ReportedLoad & Attempts;

/** Readings of this memory. */
export function createReadings(memory: Memory, live: Live): Readings {
  const quantilesOf = (rows: readonly number[], nowMs: number, spanMs = windowMs) =>
    quantilesIn(histogramOf(memory, rows, spanOf(nowMs, spanMs)));
  const errorRate = (row: number, nowMs: number) =>
    errorRateOf(memory.words, slotsInSpan(memory, row, spanOf(nowMs, windowMs)));
  const totals = (row: number) => readTotals(memory.words, rowAt(memory.layout, row));
  return {
    quantilesOf,
    histogramOf: (row, nowMs, spanMs) => histogramOf(memory, [row], spanOf(nowMs, spanMs)),
    errorRate,
    recent(row, seconds, nowMs) {
      const to = Math.floor(nowMs / 1000);
      return readRecent(memory, row, { from: to - Math.min(seconds, longestRecent) + 1, to });
    },
    totals,
    readRow: (row, nowMs) => ({
      ...totals(row),
      ...readLive(live, row, nowMs),
      errorRate: errorRate(row, nowMs),
      responseTimeMs: quantilesOf([row], nowMs) ?? null,
    }),
  };
}

const windowMs = windowSlots * slotMs;

function spanOf(nowMs: number, spanMs: number): Span {
  return { nowMs, slots: Math.min(Math.ceil(spanMs / slotMs), windowSlots) };
}

function histogramOf(memory: Memory, rows: readonly number[], span: Span): Histogram {
  const histogram = emptyHistogram();
  for (const row of rows) {
    for (const at of slotsInSpan(memory, row, span)) addSlot(histogram, memory.words, at);
  }
  return histogram;
}

type LiveReading = Omit<RowReading, keyof Totals | "errorRate" | "responseTimeMs">;

function readLive(live: Live, row: number, nowMs: number): LiveReading {
  return {
    state: live.state(row),
    weight: live.weight(row),
    inflight: live.inflight(row),
    failuresInARow: live.failuresInARow(row),
    load: numberOrNull(asWritten(live.reportedLoad(row))),
    averageMs: numberOrNull(live.averageMs(row, nowMs)),
  };
}

/** The board keeps 32 bits of a number; people shall see the 0.9 that was sent. */
function asWritten(value: number): number {
  return Number(value.toPrecision(6));
}

function errorRateOf(words: Int32Array, slots: readonly number[]): number {
  const requests = sumOf(words, slots, SlotWord.requests);
  const errors = sumOf(words, slots, SlotWord.errors);
  return requests === 0 ? 0 : Math.min(1, errors / requests);
}

function sumOf(words: Int32Array, slots: readonly number[], word: number): number {
  return slots.reduce((sum, at) => sum + Atomics.load(words, at + word), 0);
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
