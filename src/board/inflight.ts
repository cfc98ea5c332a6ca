import { rowAt, RowWord } from "./layout.ts";
import type { Memory } from "./memory.ts";

/** What is under way on each row, exact over all threads. */
export interface Inflight {
  /** Takes one more in flight, whatever the limit. */
  begin(row: number): void;
  /** Takes one more in flight unless `maxInflight` are already (0 = no limit). */
  tryAcquire(row: number, maxInflight: number): boolean;
  /** Gives back what `begin` or `tryAcquire` took, when the last byte left or the attempt failed. */
  end(row: number): void;
  /** How many are in flight. */
  inflight(row: number): number;
}

/**
 * In-flight counters: one number a row for everybody, and beside it what this worker holds of it, so that a worker that
 * dies does not leave its part behind (`releaseShares`). Engines stop a thread only where it enters a function or goes
 * round a loop, so it does not die between the two additions.
 */
export function createInflight({ words, layout, workerIndex }: Memory): Inflight {
  const sharesAt = layout.sharesAt + workerIndex * layout.capacity;
  return {
    begin(row) {
      Atomics.add(words, rowAt(layout, row) + RowWord.inflight, 1);
      Atomics.add(words, sharesAt + row, 1);
    },
    tryAcquire(row, maxInflight) {
      const isTaken = takeBelow(words, rowAt(layout, row) + RowWord.inflight, maxInflight || Infinity);
      if (isTaken) Atomics.add(words, sharesAt + row, 1);
      return isTaken;
    },
    end(row) {
      Atomics.sub(words, sharesAt + row, 1);
      Atomics.sub(words, rowAt(layout, row) + RowWord.inflight, 1);
    },
    inflight: (row) => Atomics.load(words, rowAt(layout, row) + RowWord.inflight),
  };
}

/** Takes all that a dead worker held in flight off every row. */
export function releaseShares({ words, layout }: Memory, workerIndex: number): void {
  const sharesAt = layout.sharesAt + workerIndex * layout.capacity;
  for (let row = 0; row < layout.capacity; row++) {
    if (Atomics.load(words, sharesAt + row) === 0) continue;
    const held = Atomics.exchange(words, sharesAt + row, 0);
    Atomics.sub(words, rowAt(layout, row) + RowWord.inflight, held);
  }
}

function takeBelow(words: Int32Array, at: number, max: number): boolean {
  let inflight = Atomics.load(words, at);
  while (inflight < max) {
    const found = Atomics.compareExchange(words, at, inflight, inflight + 1);
    if (found === inflight) return true;
    inflight = found;
  }
  return false;
}
