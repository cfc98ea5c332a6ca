import { fromBits, toBits } from "./float-word.ts";
import { rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { sinceMs, toStamp } from "./stamp.ts";

/** What servers report of themselves. */
export interface ReportedLoad {
  /** Notes a report. */
  reportLoad(row: number, load: number, nowMs: number): void;
  /** The last report; NaN where there is none, or none since a day. */
  reportedLoad(row: number): number;
  /** How many were in flight, over all nodes, when it came; 0 where there is none. */
  reportedInflight(row: number): number;
  /** How old that report is, in ms, so that a reader can let it expire; Infinity where there is none. */
  reportAgeMs(row: number, nowMs: number): number;
}

/** Reports of load, as single-precision numbers. */
export function createReportedLoad({ words, layout }: Memory): ReportedLoad {
  return {
    reportLoad(row, load, nowMs) {
      Atomics.store(words, rowAt(layout, row) + RowWord.load, toBits(load));
      const own = Atomics.load(words, rowAt(layout, row) + RowWord.inflight);
      const elsewhere = Atomics.load(words, rowAt(layout, row) + RowWord.inflightElsewhere);
      Atomics.store(words, rowAt(layout, row) + RowWord.loadInflight, own + elsewhere);
      Atomics.store(words, rowAt(layout, row) + RowWord.loadAt, toStamp(nowMs));
    },
    reportedLoad(row) {
      if (Atomics.load(words, rowAt(layout, row) + RowWord.loadAt) === 0) return Number.NaN;
      return fromBits(Atomics.load(words, rowAt(layout, row) + RowWord.load));
    },
    reportedInflight: (row) => Atomics.load(words, rowAt(layout, row) + RowWord.loadInflight),
    reportAgeMs: (row, nowMs) => sinceMs(Atomics.load(words, rowAt(layout, row) + RowWord.loadAt), nowMs),
  };
}
