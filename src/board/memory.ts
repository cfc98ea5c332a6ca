import { Header, type Layout, layoutNumber, layoutOf } from "./layout.ts";
import { reserveShared } from "./reserve.ts";

/** A board's memory as one thread sees it. */
export interface Memory {
  readonly words: Int32Array;
  readonly layout: Layout;
  /** Whose share this thread writes; the number of workers stands for the control plane. */
  readonly workerIndex: number;
}

/** Makes empty memory, laid out for so many rows and workers. */
export function createMemory(capacity: number, workers: number): SharedArrayBuffer {
  const { totalWords } = layoutOf(capacity, workers);
  const buffer = reserveShared(totalWords * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(buffer);
  Atomics.store(words, Header.capacity, capacity);
  Atomics.store(words, Header.workers, workers);
  Atomics.store(words, Header.layoutNumber, layoutNumber);
  return buffer;
}

/** Opens memory that `createMemory` made. Throws where it was not, or where there is no such worker. */
export function openMemory(buffer: SharedArrayBuffer, worker: number | "control"): Memory {
  const words = new Int32Array(buffer);
  if (Atomics.load(words, Header.layoutNumber) !== layoutNumber) {
    throw new TypeError("Cannot open the board: this memory was not laid out by this version");
  }
  const layout = layoutOf(Atomics.load(words, Header.capacity), Atomics.load(words, Header.workers));
  const workerIndex = worker === "control" ? layout.workers : worker;
  if (!isWorkerOf(layout, workerIndex)) {
    throw new RangeError(`Cannot open the board: worker ${worker} is not one of ${layout.workers}`);
  }
  return { words, layout, workerIndex };
}

function isWorkerOf({ workers }: Layout, index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index <= workers;
}
