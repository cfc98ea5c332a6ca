import { workerData } from "node:worker_threads";
import { openBoard } from "../../src/board/board.ts";
import { type Hammer, Seen } from "./hammer.ts";

const { buffer, worker, rounds, rows, limit, startMs, dies } = workerData as Hammer;
const board = openBoard(buffer, worker);

board.count(Seen.ready, 1);
while (board.counter(Seen.ready) < board.workers); // so that all of them begin at once

for (let round = 0; round < rounds; round++) {
  const row = round % rows;
  const nowMs = startMs + Math.floor(round / 100); // passes from one slot into the next
  board.begin(row);
  board.recordAttempt(row, round % 10 === 0 ? 503 : 200, nowMs);
  board.recordResponseTime(row, 1 + (round % 50), nowMs);
  board.recordRetry(row, nowMs);
  board.addBytes(row, 2 ** 20, 3);
  board.count(Seen.carries, 2 ** 20);
  if (board.tryAcquire(rows, limit)) {
    board.count(Seen.acquired, 1);
    if (board.inflight(rows) > limit) board.count(Seen.overLimit, 1);
    if (!dies) board.end(rows);
  }
  if (!dies) board.end(row);
}

const collisions = dies ? 0 : 10 * rounds;
for (let round = 0; round < collisions; round++) {
  if (board.tryAcquire(rows, limit)) board.end(rows); // nothing else between: threads collide as often as they can
}
