import { fromBits, toBits } from "./float-word.ts";
import { rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { sinceMs, toStamp } from "./stamp.ts";

/** What other nodes have to do with a server, as far as it is known. */
export interface Elsewhere {
  /** Sets how many requests are under way to a server by way of other nodes. */
  setInflightElsewhere(row: number, inflight: number): void;
  inflightElsewhere(row: number): number;
  /** Notes what a server reported to another node so long ago; undefined = nothing, or nothing any more. */
  setLoadElsewhere(
    row: number,
    load: { readonly value: number; readonly ageMs: number } | undefined,
    nowMs: number,
  ): void;
  /** That report; NaN where there is none. */
  loadElsewhere(row: number): number;
  /** How old it is, ms; Infinity where there is none. */
  loadElsewhereAgeMs(row: number, nowMs: number): number;
  /** How many were in flight, over all nodes, when it became known. */
  loadElsewhereInflight(row: number): number;
}

/** Words of the line that the control plane writes: it alone talks with other nodes. */
export function createElsewhere({ words, layout }: Memory): Elsewhere {
  const wordAt = (row: number, word: number): number => rowAt(layout, row) + word;
  const inflightElsewhere = (row: number): number =>
    Atomics.load(words, wordAt(row, RowWord.inflightElsewhere));
  return {
    setInflightElsewhere(row, inflight) {
      Atomics.store(words, wordAt(row, RowWord.inflightElsewhere), inflight);
    },
    inflightElsewhere,
    setLoadElsewhere(row, load, nowMs) {
      const at = wordAt(row, RowWord.loadElsewhereAt);
      const stamp = load ? toStamp(nowMs - load.ageMs) : 0;
      if (Atomics.load(words, at) === stamp) return; // the same report, or still none
      const inflight = Atomics.load(words, wordAt(row, RowWord.inflight)) + inflightElsewhere(row);
      Atomics.store(words, wordAt(row, RowWord.loadElsewhere), toBits(load?.value ?? 0));
      Atomics.store(words, wordAt(row, RowWord.loadElsewhereInflight), inflight);
      Atomics.store(words, at, stamp);
    },
    loadElsewhere(row) {
      if (Atomics.load(words, wordAt(row, RowWord.loadElsewhereAt)) === 0) return Number.NaN;
      return fromBits(Atomics.load(words, wordAt(row, RowWord.loadElsewhere)));
    },
    loadElsewhereAgeMs: (row, nowMs) =>
      sinceMs(Atomics.load(words, wordAt(row, RowWord.loadElsewhereAt)), nowMs),
    loadElsewhereInflight: (row) => Atomics.load(words, wordAt(row, RowWord.loadElsewhereInflight)),
  };
}
