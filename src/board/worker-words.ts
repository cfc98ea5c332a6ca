import { workerAt, WorkerWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { sinceMs, toStamp } from "./stamp.ts";

/** What each worker says of itself. */
export interface WorkerWords {
  /** Says that this worker is alive, and how far its event loop lagged behind. */
  beat(lagMs: number, nowMs: number): void;
  /** How long ago a worker last beat, in ms; Infinity while it never did. */
  sinceBeatMs(workerIndex: number, nowMs: number): number;
  /** The lag that a worker last told, in ms. */
  lagMs(workerIndex: number): number;
  /** Adds to (or takes from) the connections that this worker holds. */
  addConnections(change: number): void;
  /** Adds to (or takes from) the exchanges that this worker has in flight. */
  addExchanges(change: number): void;
  /** Adds to (or takes from) the exchanges that wait in lines of this worker. */
  addWaiting(change: number): void;
  /** Connections over all workers. */
  connections(): number;
  /** Exchanges in flight over all workers. */
  exchanges(): number;
  /** Exchanges that wait for a server, over all workers. */
  waiting(): number;
}

/** One line of words a worker, written by nobody else. */
export function createWorkerWords(memory: Memory): WorkerWords {
  const { words, layout } = memory;
  const ownAt = workerAt(layout, memory.workerIndex);
  return {
    beat(lagMs, nowMs) {
      Atomics.store(words, ownAt + WorkerWord.lag, Math.round(lagMs * 1000));
      Atomics.store(words, ownAt + WorkerWord.heartbeatAt, toStamp(nowMs));
    },
    sinceBeatMs: (index, nowMs) => sinceMs(Atomics.load(words, workerAt(layout, index)), nowMs),
    lagMs: (index) => Atomics.load(words, workerAt(layout, index) + WorkerWord.lag) / 1000,
    addConnections(change) {
      Atomics.add(words, ownAt + WorkerWord.connections, change);
    },
    addExchanges(change) {
      Atomics.add(words, ownAt + WorkerWord.exchanges, change);
    },
    addWaiting(change) {
      Atomics.add(words, ownAt + WorkerWord.waiting, change);
    },
    connections: () => sumOverWorkers(memory, WorkerWord.connections),
    exchanges: () => sumOverWorkers(memory, WorkerWord.exchanges),
    waiting: () => sumOverWorkers(memory, WorkerWord.waiting),
  };
}

/** Forgets all that a dead worker said of itself. */
export function clearWorker({ words, layout }: Memory, workerIndex: number): void {
  const at = workerAt(layout, workerIndex);
  for (let word = 0; word < WorkerWord.words; word++) Atomics.store(words, at + word, 0);
}

function sumOverWorkers({ words, layout }: Memory, word: number): number {
  let sum = 0;
  for (let index = 0; index <= layout.workers; index++) {
    sum += Atomics.load(words, workerAt(layout, index) + word);
  }
  return sum;
}
