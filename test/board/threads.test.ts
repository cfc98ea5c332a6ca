import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { type Board, createBoard, openBoard } from "../../src/board/board.ts";
import { slotRing } from "../../src/board/layout.ts";
import { slotMs } from "../../src/board/window.ts";
import { type Claims, Told } from "./claims.ts";
import { type Hammer, Seen } from "./hammer.ts";

const startMs = Date.UTC(2026, 0, 1) + 9900; // a slot and a second end amid the hammering
const threads = 4;
const rounds = 20_000;
const rows = 3;
const limit = 2;

/** Lets so many threads loose on one board at once, and waits until all have ended. */
async function hammer({ dies, capacity }: { dies: boolean; capacity: number }): Promise<Board> {
  const buffer = createBoard({ capacity, workers: threads });
  const board = openBoard(buffer, "control");
  for (let row = 0; row <= rows; row++) board.clearRow(row);
  const task = { buffer, rounds, rows, limit, startMs, dies };
  await Promise.all(
    Array.from({ length: threads }, (_, worker) => runWorker("hammer-worker.ts", { ...task, worker })),
  );
  return board;
}

/** Lets two threads record into the same place on the ring, time after time. */
async function claim(amounts: Pick<Claims, "phases" | "records">): Promise<Board> {
  const buffer = createBoard({ capacity: 1, workers: 2 });
  const task = { ...amounts, buffer, startMs, phaseMs: slotMs * slotRing };
  await Promise.all([0, 1].map((worker) => runWorker("claim-worker.ts", { ...task, worker })));
  return openBoard(buffer, "control");
}

function runWorker(file: string, workerData: Hammer | Claims): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(file, import.meta.url), { workerData });
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

describe("many threads on the same rows", () => {
  for (const capacity of [16, 4096]) {
    test(`on a board of ${capacity} rows lose no count, keep the limit, and leave nothing in flight`, async () => {
      const board = await hammer({ dies: false, capacity });
      const endMs = startMs + rounds / 100;
      const readings = Array.from({ length: rows }, (_, row) => board.readRow(row, endMs));
      const sum = (pick: (reading: (typeof readings)[number]) => number) =>
        readings.reduce((total, reading) => total + pick(reading), 0);
      const attempts = threads * rounds;

      assert.equal(
        sum(({ requests }) => requests),
        attempts,
      );
      assert.equal(
        sum(({ errors }) => errors),
        attempts / 10,
      );
      assert.equal(
        sum(({ statuses }) => statuses["5xx"]),
        attempts / 10,
      );
      assert.equal(
        sum(({ statuses }) => statuses["2xx"]),
        (attempts / 10) * 9,
      );
      assert.equal(
        sum(({ retries }) => retries),
        attempts,
      );
      assert.equal(
        sum(({ responses }) => responses),
        attempts,
      );
      assert.equal(
        sum(({ bytesIn }) => bytesIn),
        attempts * 2 ** 20,
      ); // many carries
      assert.equal(
        sum(({ bytesOut }) => bytesOut),
        attempts * 3,
      );
      assert.equal(
        sum(({ responseTimeMs }) => responseTimeMs?.count ?? 0),
        attempts,
      );
      assert.equal(
        sum(({ responseTimeMs }) => responseTimeMs?.sumMs ?? 0),
        attempts * 25.5,
      );
      assert.equal(board.counter(Seen.carries), attempts * 2 ** 20);
      assert.equal(
        sum(({ inflight }) => inflight),
        0,
      );
      assert.equal(board.recent(0, 60, endMs).requests, readings[0]?.requests);
      for (const { averageMs } of readings) assert.ok(averageMs! >= 1 && averageMs! <= 50);

      assert.equal(board.inflight(rows), 0);
      assert.equal(board.counter(Seen.overLimit), 0);
      assert.ok(board.counter(Seen.acquired) >= rounds);
    });
  }

  test("never count what the ring left behind, though nobody cleared it ahead, and lose little", async () => {
    const board = await claim({ phases: 60, records: 200 });
    const recorded = 2 * 60 * 200;
    assert.equal(board.counter(Told.tooMany), 0);
    assert.ok(board.counter(Told.counted) > recorded * 0.8, `${board.counter(Told.counted)} of ${recorded}`);
  });

  test("that die are taken off every row, one by one", async () => {
    const board = await hammer({ dies: true, capacity: 16 });
    const inflight = () => [0, 1, 2].reduce((total, row) => total + board.inflight(row), 0);
    assert.equal(inflight(), threads * rounds);
    assert.equal(board.inflight(rows), limit);
    assert.equal(board.counter(Seen.acquired), limit);

    for (let worker = 0; worker < threads; worker++) {
      board.releaseWorker(worker);
      board.releaseWorker(worker); // a second time changes nothing
      assert.equal(inflight(), (threads - 1 - worker) * rounds);
    }
    assert.equal(board.inflight(rows), 0);
  });
});
