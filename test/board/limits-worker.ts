import { workerData } from "node:worker_threads";
import { openBoard } from "../../src/board/board.ts";
import { counterAt } from "../../src/board/layout.ts";
import { RateLaw } from "../../src/board/rates.ts";
import { Got, type Takers } from "./limits.ts";

const { buffer, worker, keys, burst, startMs, dies } = workerData as Takers;
const board = openBoard(buffer, worker);
const law = new RateLaw(1, { burst, count: 1, perMs: 10 });
const limit = 2;
const batchSize = 100;
const words = new Int32Array(buffer);

for (let key = 0; key < keys; key++) {
  const batch = Math.floor(key / batchSize); // so that all of them come with the same new keys at the same time
  if (key % batchSize === 0) meet(batch + 1);
  takeAll(`key ${key}`, startMs + batch * 10 * (burst + 2));
  holdAndLetGo(`key ${key}`);
}
if (dies) for (let key = 0; key < 50; key++) board.hold(3, `left ${key % 10}`, 1000);

function takeAll(key: string, nowMs: number): void {
  for (let round = 0; round <= burst; round++) {
    if (board.takeRate(law, key, nowMs) > 0) board.count(Got.taken, 1);
  }
}

function holdAndLetGo(key: string): void {
  const lease = board.hold(2, key, limit);
  if (lease === -2) board.count(Got.noRoom, 1);
  if (lease < 0) return;
  board.count(Got.held, 1);
  if (board.heldBy(2, key) > limit) board.count(Got.tooMany, 1);
  board.letGo(lease);
}

/** Waits asleep: the machine may have fewer cores than there are threads. */
function meet(times: number): void {
  const wanted = times * board.workers;
  board.count(Got.meetings, 1);
  Atomics.notify(words, counterAt(Got.meetings));
  for (let come = board.counter(Got.meetings); come < wanted; come = board.counter(Got.meetings)) {
    Atomics.wait(words, counterAt(Got.meetings), come, 10);
  }
}
