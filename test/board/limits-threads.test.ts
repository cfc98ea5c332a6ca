import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { type Board, createBoard, openBoard } from "../../src/board/board.ts";
import { Got, type Takers } from "./limits.ts";

const threads = 3;
const keys = 3000;
const startMs = Date.UTC(2026, 0, 1);

async function compete(options: Pick<Takers, "burst" | "dies">, clients: number): Promise<Board> {
  const buffer = createBoard({ capacity: 1, workers: threads, clients }, [7, 9]);
  const task = { ...options, buffer, keys, startMs };
  await Promise.all(Array.from({ length: threads }, (_, worker) => runWorker({ ...task, worker })));
  return openBoard(buffer, "control");
}

function runWorker(workerData: Takers): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("limits-worker.ts", import.meta.url), { workerData });
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

describe("threads that come with the same new key at once", () => {
  for (const burst of [1, 3]) {
    test(`pass ${burst} together, not one more nor less, though old keys must make room`, async () => {
      const board = await compete({ burst, dies: false }, 1024);
      assert.equal(board.counter(Got.taken), keys * burst);
    });
  }

  test("never hold more than the limit, and leave nothing", async () => {
    const board = await compete({ burst: 1, dies: false }, 1024);
    assert.equal(board.counter(Got.tooMany), 0);
    assert.equal(board.counter(Got.noRoom), 0);
    assert.ok(board.counter(Got.held) >= keys * 2);
    for (let key = 0; key < keys; key++) assert.equal(board.heldBy(2, `key ${key}`), 0);
  });

  test("and die leave nothing once they are released, one by one", async () => {
    const board = await compete({ burst: 1, dies: true }, 1024);
    const left = () => Array.from({ length: 10 }, (_, key) => board.heldBy(3, `left ${key}`));
    for (let worker = 0; worker < threads; worker++) {
      assert.deepEqual(new Set(left()), new Set([5 * (threads - worker)]));
      board.releaseWorker(worker);
      board.releaseWorker(worker);
    }
    assert.deepEqual(new Set(left()), new Set([0]));
  });
});
