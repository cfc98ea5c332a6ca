import { waysPerSet } from "./cells.ts";
import { type BoardSize, Header, type Layout, layoutNumber, layoutOf } from "./layout.ts";
import { reserveShared } from "./reserve.ts";

/** A board's memory as one thread sees it. */
export interface Memory {
  readonly words: Int32Array;
  readonly layout: Layout;
  /** Whose share this thread writes; the number of workers stands for the control plane. */
  readonly workerIndex: number;
  /** What the tables of clients are hashed with: nobody outside may know it. */
  readonly seed: readonly [number, number];
}

/** Makes empty memory of this size, with two words of chance. */
export function createMemory(size: BoardSize, seed: readonly [number, number]): SharedArrayBuffer {
  const { capacity, workers, clients } = size;
  const { totalWords, cellSets } = layoutOf(capacity, workers, clients);
  const buffer = reserveShared(totalWords * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(buffer);
  Atomics.store(words, Header.capacity, capacity);
  Atomics.store(words, Header.workers, workers);
  Atomics.store(words, Header.clients, cellSets * waysPerSet);
  Atomics.store(words, Header.seed, seed[0]);
  Atomics.store(words, Header.seed + 1, seed[1]);
  Atomics.store(words, Header.layoutNumber, layoutNumber);
  return buffer;
}

/** Opens memory that `createMemory` made. Throws where it was not, or where there is no such worker. */
export function openMemory(buffer: SharedArrayBuffer, worker: number | "control"): Memory {
  const words = new Int32Array(buffer);
  if (Atomics.load(words, Header.layoutNumber) !== layoutNumber) {
    throw new TypeError("Cannot open the board: this memory was not laid out by this version");
  }
  const layout = layoutOf(
    Atomics.load(words, Header.capacity),
    Atomics.load(words, Header.workers),
    Atomics.load(words, Header.clients),
  );
  const workerIndex = worker === "control" ? layout.workers : worker;
  if (!isWorkerOf(layout, workerIndex)) {
    throw new RangeError(`Cannot open the board: worker ${worker} is not one of ${layout.workers}`);
  }
  const seed = [Atomics.load(words, Header.seed), Atomics.load(words, Header.seed + 1)] as const;
  return { words, layout, workerIndex, seed };
}

function isWorkerOf({ workers }: Layout, index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index <= workers;
}
