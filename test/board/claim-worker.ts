import { workerData } from "node:worker_threads";
import { openBoard } from "../../src/board/board.ts";
import type { Claims } from "./claims.ts";
import { Told } from "./claims.ts";

const { buffer, worker, phases, records, phaseMs, startMs } = workerData as Claims;
const board = openBoard(buffer, worker);

for (let phase = 0; phase < phases; phase++) {
  const nowMs = startMs + phase * phaseMs;
  meet(2 * phase + 1);
  for (let record = 0; record < records; record++) board.recordResponseTime(0, 5, nowMs);
  meet(2 * phase + 2);
  if (worker === 0) tell(board.quantilesOf([0], nowMs)?.count ?? 0);
}

/** Waits until every thread has come here as often. */
function meet(times: number): void {
  board.count(Told.meetings, 1);
  while (board.counter(Told.meetings) < times * board.workers);
}

function tell(counted: number): void {
  board.count(Told.counted, counted);
  if (counted > records * board.workers) board.count(Told.tooMany, 1);
}
