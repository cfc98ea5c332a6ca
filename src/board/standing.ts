import { Header, rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { type ServerState, toServerState, toStateWord } from "./server-state.ts";
import { sinceMs, toStamp } from "./stamp.ts";

/** What the control plane decided about each row; workers only read it. */
export interface Standing {
  /** What the server may be used for. */
  state(row: number): ServerState;
  /** Sets the state; `bumpVersion` afterwards tells the workers. */
  setState(row: number, state: ServerState): void;
  /** The effective weight, slow start included; 1 on a new row. */
  weight(row: number): number;
  /** Sets the effective weight, to a thousandth; `bumpVersion` afterwards tells the workers. */
  setWeight(row: number, weight: number): void;
  /** Notes when the server came up, for its slow start. */
  setUpAt(row: number, atMs: number): void;
  /** How long it has been up since, in ms; Infinity where that was never noted, or is more than a day ago. */
  sinceUpMs(row: number, nowMs: number): number;
  /** A number that changes whenever states or weights did: compare it before a list of candidates is used again. */
  version(): number;
  /** Tells all workers that states or weights changed. */
  bumpVersion(): void;
}

/** States as small numbers, weights in thousandths above 1 (so that untouched memory weighs 1). */
export function createStanding({ words, layout }: Memory): Standing {
  return {
    state: (row) => toServerState(Atomics.load(words, rowAt(layout, row) + RowWord.state)),
    setState(row, state) {
      Atomics.store(words, rowAt(layout, row) + RowWord.state, toStateWord(state));
    },
    weight: (row) => (Atomics.load(words, rowAt(layout, row) + RowWord.weight) + 1000) / 1000,
    setWeight(row, weight) {
      Atomics.store(words, rowAt(layout, row) + RowWord.weight, Math.round(weight * 1000) - 1000);
    },
    setUpAt(row, atMs) {
      Atomics.store(words, rowAt(layout, row) + RowWord.upAt, toStamp(atMs));
    },
    sinceUpMs: (row, nowMs) => sinceMs(Atomics.load(words, rowAt(layout, row) + RowWord.upAt), nowMs),
    version: () => Atomics.load(words, Header.version),
    bumpVersion() {
      Atomics.add(words, Header.version, 1);
    },
  };
}
