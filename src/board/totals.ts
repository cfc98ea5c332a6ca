import { RowWord } from "./layout.ts";
import { addWide, readWide } from "./wide-counter.ts";

/** What a row counted since it was given out. */
export interface Totals {
  /** Attempts that ended. */
  readonly requests: number;
  /** Attempts that failed or were answered 5xx. */
  readonly errors: number;
  readonly retries: number;
  /** Bytes of request bodies. */
  readonly bytesIn: number;
  /** Bytes of response bodies. */
  readonly bytesOut: number;
  readonly statuses: Statuses;
  /** Response times that were recorded, and their sum. */
  readonly responses: number;
  readonly responsesMs: number;
}

/** Answers by the first digit of their status. */
export type Statuses = Readonly<Record<"1xx" | "2xx" | "3xx" | "4xx" | "5xx", number>>;

/** Reads the totals of the row that starts at this word. */
export function readTotals(words: Int32Array, at: number): Totals {
  return {
    requests: readWide(words, at + RowWord.requests),
    errors: readWide(words, at + RowWord.errors),
    retries: readWide(words, at + RowWord.retries),
    bytesIn: readWide(words, at + RowWord.bytesIn),
    bytesOut: readWide(words, at + RowWord.bytesOut),
    statuses: readStatuses(words, at + RowWord.statuses),
    responses: readWide(words, at + RowWord.responses),
    responsesMs: readWide(words, at + RowWord.responseMicros) / 1000,
  };
}

/** Adds what was counted before, such as in another process, to the totals of the row that starts at this word. */
export function addTotals(words: Int32Array, at: number, before: Totals): void {
  const { statuses } = before;
  addWide(words, at + RowWord.requests, before.requests);
  addWide(words, at + RowWord.errors, before.errors);
  addWide(words, at + RowWord.retries, before.retries);
  addWide(words, at + RowWord.bytesIn, before.bytesIn);
  addWide(words, at + RowWord.bytesOut, before.bytesOut);
  addWide(words, at + RowWord.responses, before.responses);
  addWide(words, at + RowWord.responseMicros, Math.round(before.responsesMs * 1000));
  for (const [index, name] of hundreds.entries())
    addWide(words, at + RowWord.statuses + 2 * index, statuses[name]);
}

const hundreds = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

function readStatuses(words: Int32Array, at: number): Statuses {
  return {
    "1xx": readWide(words, at),
    "2xx": readWide(words, at + 2),
    "3xx": readWide(words, at + 4),
    "4xx": readWide(words, at + 6),
    "5xx": readWide(words, at + 8),
  };
}
