/**
 * What the board costs a request, one thread alone: `bun bench/board.ts`, `deno run -A --no-check bench/board.ts`.
 */
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { createRowTable } from "../src/board/rows.ts";

const rounds = 1_000_000;
const startMs = Date.UTC(2026, 0, 1);
const board = openBoard(createBoard({ capacity: 4096, workers: 4 }), 0);
const table = createRowTable(board);
const rows = Array.from({ length: 16 }, (_, server) => table.rowOf(`app/${server}`));

const costs: Record<string, (row: number, nowMs: number) => void> = {
  "begin, end": (row) => {
    board.begin(row);
    board.end(row);
  },
  "tryAcquire, end": (row) => {
    if (board.tryAcquire(row, 100)) board.end(row);
  },
  recordAttempt: (row, nowMs) => board.recordAttempt(row, 200, nowMs),
  recordResponseTime: (row, nowMs) => board.recordResponseTime(row, 1 + (nowMs % 97), nowMs),
  averageMs: (row, nowMs) => board.averageMs(row, nowMs),
  "a whole exchange": (row, nowMs) => {
    board.begin(row);
    board.recordAttempt(row, 200, nowMs);
    board.recordResponseTime(row, 1 + (nowMs % 97), nowMs);
    board.recordSuccess(row);
    board.addBytes(row, 100, 5000);
    board.end(row);
  },
};

for (const [name, run] of Object.entries(costs)) {
  measure(run); // warm
  process.stdout.write(`${name.padEnd(20)} ${measure(run).toFixed(0).padStart(5)} ns\n`);
}
process.stdout.write(`${"readRow".padEnd(20)} ${(measureReading() / 1000).toFixed(1).padStart(5)} us\n`);

function measure(run: (row: number, nowMs: number) => void): number {
  const began = performance.now();
  for (let round = 0; round < rounds; round++) run(rows[round & 15] ?? 0, startMs + (round >> 6));
  return ((performance.now() - began) * 1e6) / rounds;
}

function measureReading(): number {
  const began = performance.now();
  for (let round = 0; round < 2000; round++) board.readRow(rows[round & 15] ?? 0, startMs);
  return ((performance.now() - began) * 1e6) / 2000;
}
