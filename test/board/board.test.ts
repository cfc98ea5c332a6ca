import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Board, createBoard, openBoard } from "../../src/board/board.ts";

const nowMs = Date.UTC(2026, 0, 1) + 1234;
const dayMs = 86_400_000;

function newBoard(): Board {
  return openBoard(createBoard({ capacity: 8, workers: 2 }), 0);
}

describe("a board", () => {
  test("is not made for sizes that make no sense, or that do not fit", () => {
    assert.throws(() => createBoard({ capacity: 0, workers: 1 }), RangeError);
    assert.throws(() => createBoard({ capacity: 8, workers: 1.5 }), RangeError);
    assert.throws(() => createBoard({ capacity: 1_000_000, workers: 1 }), /more than 2 GiB/);
  });

  test("is opened only by its own workers, and only where it is one", () => {
    const buffer = createBoard({ capacity: 8, workers: 2 });
    assert.throws(() => openBoard(buffer, 3), /worker 3 is not one of 2/);
    assert.throws(() => openBoard(buffer, -1), RangeError);
    assert.throws(() => openBoard(buffer, 0.5), RangeError);
    assert.throws(() => openBoard(new SharedArrayBuffer(1024), 0), /was not laid out by this version/);
    assert.equal(openBoard(buffer, "control").capacity, 8);
  });

  test("lists all its methods where it is described", () => {
    const source = readFileSync(new URL("../../src/board/board.ts", import.meta.url), "utf8");
    const listed = [...source.matchAll(/^ \* \| \w+ +\| [\w ]+ \| ([\w ]+) \|$/gm)].flatMap((row) =>
      row[1]!.trim().split(" "),
    );
    const methods = Object.entries(newBoard()).filter(([, value]) => typeof value === "function");
    assert.deepEqual(
      listed.filter((name) => name !== "methods").toSorted(),
      methods.map(([name]) => name).toSorted(),
    );
  });

  test("costs memory only for rows in use, also where the heap is warm", () => {
    for (let time = 0; time < 300; time++) createBoard({ capacity: 8, workers: 1 });
    const before = process.memoryUsage().rss;
    const board = openBoard(createBoard({ capacity: 16_384, workers: 16 }), 0);
    for (let row = 0; row < 20; row++) {
      board.clearRow(row);
      board.recordAttempt(row, 200, nowMs);
      board.recordResponseTime(row, 12, nowMs);
    }
    board.tick(nowMs);
    board.releaseWorker(3);
    board.quantilesOf([0, 1, 2], nowMs);
    const growthMiB = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(growthMiB < 24, `grew by ${growthMiB} MiB`);
  });
});

describe("in-flight", () => {
  test("is what was begun and not ended", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(7), fc.boolean())), (steps) => {
        const board = newBoard();
        const expected = Array.from({ length: 8 }, () => 0);
        for (const [row, starts] of steps) {
          if (starts) board.begin(row);
          else if (expected[row]! > 0) board.end(row);
          expected[row] = Math.max(0, expected[row]! + (starts ? 1 : -1));
        }
        assert.deepEqual(
          expected.map((_, row) => board.inflight(row)),
          expected,
        );
      }),
    );
  });

  test("is acquired up to the limit, and without one for ever", () => {
    const board = newBoard();
    assert.deepEqual(
      [1, 2, 3].map(() => board.tryAcquire(0, 2)),
      [true, true, false],
    );
    board.end(0);
    assert.equal(board.tryAcquire(0, 2), true);
    assert.equal(board.tryAcquire(0, 0), true);
    assert.equal(board.inflight(0), 3);
  });

  test("of a worker that died goes, that of the others stays", () => {
    const buffer = createBoard({ capacity: 8, workers: 2 });
    const [one, two, control] = [openBoard(buffer, 0), openBoard(buffer, 1), openBoard(buffer, "control")];
    for (const row of [0, 0, 7]) one.begin(row);
    for (const row of [0, 3]) two.tryAcquire(row, 5);
    one.addConnections(3);
    two.addConnections(2);
    two.addExchanges(1);
    control.releaseWorker(0);
    assert.deepEqual(
      [0, 3, 7].map((row) => control.inflight(row)),
      [1, 1, 0],
    );
    assert.deepEqual([control.connections(), control.exchanges()], [2, 1]);
    control.releaseWorker(1);
    assert.deepEqual(
      [0, 3, 7].map((row) => control.inflight(row)),
      [0, 0, 0],
    );
    assert.deepEqual([control.connections(), control.exchanges()], [0, 0]);
  });
});

describe("an attempt", () => {
  test("is counted by its status, and as an error when it failed or was answered 5xx", () => {
    const board = newBoard();
    for (const status of [101, 200, 204, 302, 404, 500, 503, 0]) board.recordAttempt(2, status, nowMs);
    const reading = board.readRow(2, nowMs);
    assert.equal(reading.requests, 8);
    assert.equal(reading.errors, 3);
    assert.deepEqual(reading.statuses, { "1xx": 1, "2xx": 2, "3xx": 1, "4xx": 1, "5xx": 2 });
  });

  test("outside of 1xx to 5xx spoils no other number", () => {
    const board = newBoard();
    for (const status of [0, 7, 600, 999]) board.recordAttempt(2, status, nowMs);
    assert.deepEqual(board.readRow(2, nowMs).statuses, { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 });
    assert.equal(board.readRow(3, nowMs).requests, 0);
  });

  test("changes no other row", () => {
    const board = newBoard();
    const untouched = board.readRow(4, nowMs);
    board.recordAttempt(3, 500, nowMs);
    board.recordResponseTime(3, 600_000, nowMs);
    board.recordAttempt(5, 500, nowMs);
    board.recordResponseTime(5, 0.01, nowMs);
    assert.deepEqual(board.readRow(4, nowMs), untouched);
  });

  test("that took an impossible time spoils no sum", () => {
    const board = newBoard();
    for (const ms of [-5, 0, Number.NaN, Infinity]) board.recordResponseTime(0, ms, nowMs);
    const { responses, responsesMs } = board.readRow(0, nowMs);
    assert.deepEqual([responses, responsesMs], [4, dayMs]);
  });

  test("of no time at all is still measured", () => {
    const board = newBoard();
    board.recordResponseTime(0, 0, nowMs);
    assert.ok(board.averageMs(0, nowMs) < 0.001);
  });

  test("that failed costs a penalty in the average and nowhere else", () => {
    const board = newBoard();
    board.recordResponseTime(0, 10, nowMs);
    board.penalize(0, 5000, nowMs);
    assert.equal(board.averageMs(0, nowMs), 5000);
    assert.equal(board.quantilesOf([0], nowMs)?.count, 1);
  });
});

describe("failures", () => {
  test("count in a row until a success", () => {
    const board = newBoard();
    assert.equal(board.sinceFailureMs(0, nowMs), Infinity);
    assert.deepEqual(
      [1, 2, 3].map(() => board.recordFailure(0, nowMs)),
      [1, 2, 3],
    );
    assert.equal(board.failuresInARow(0), 3);
    assert.equal(board.sinceFailureMs(0, nowMs + 250), 250);
    board.recordSuccess(0);
    assert.equal(board.failuresInARow(0), 0);
    assert.equal(board.recordFailure(0, nowMs), 1);
  });
});

describe("a reported load", () => {
  test("is unknown until it was reported, and tells its age", () => {
    const board = newBoard();
    assert.ok(Number.isNaN(board.reportedLoad(0)));
    assert.equal(board.reportAgeMs(0, nowMs), Infinity);
    board.reportLoad(0, 0, nowMs);
    assert.equal(board.reportedLoad(0), 0);
    board.reportLoad(0, 0.75, nowMs);
    assert.equal(board.reportedLoad(0), 0.75);
    assert.equal(board.reportAgeMs(0, nowMs + 180_000), 180_000);
  });
});

describe("standing", () => {
  test("is read as it was written", () => {
    const board = newBoard();
    assert.deepEqual([board.state(0), board.weight(0)], ["up", 1]);
    for (const state of ["down", "ejected", "draining", "up"] as const) {
      board.setState(0, state);
      assert.equal(board.state(0), state);
    }
    for (const weight of [0, 0.1, 1, 2.345, 256]) {
      board.setWeight(0, weight);
      assert.equal(board.weight(0), weight);
    }
    assert.equal(board.sinceUpMs(0, nowMs), Infinity);
    board.setUpAt(0, nowMs);
    assert.equal(board.sinceUpMs(0, nowMs + 9), 9);
  });

  test("has a version that moves when it is told to, for every worker", () => {
    const buffer = createBoard({ capacity: 1, workers: 2 });
    const worker = openBoard(buffer, 1);
    const before = worker.version();
    openBoard(buffer, "control").bumpVersion();
    assert.notEqual(worker.version(), before);
  });
});

describe("a trial", () => {
  test("is due when it was offered for, and goes to one caller", () => {
    const board = newBoard();
    assert.equal(board.trialInMs(0, nowMs), Infinity);
    assert.equal(board.claimTrial(0), false);
    board.offerTrial(0, nowMs + 30_000);
    assert.equal(board.trialInMs(0, nowMs), 30_000);
    assert.equal(board.trialInMs(0, nowMs + 31_000), -1000);
    assert.deepEqual(
      [1, 2].map(() => board.claimTrial(0)),
      [true, false],
    );
    board.offerTrial(0, nowMs);
    board.withdrawTrial(0);
    assert.equal(board.claimTrial(0), false);
  });
});

describe("stamps", () => {
  test("of values older than a day are forgotten before their clock goes round, a trial is not", () => {
    const board = newBoard();
    board.clearRow(0);
    board.recordResponseTime(0, 10, nowMs);
    board.recordFailure(0, nowMs);
    board.reportLoad(0, 0.5, nowMs);
    board.offerTrial(0, nowMs);
    for (let atMs = nowMs; atMs < nowMs + 60 * dayMs; atMs += dayMs / 2) board.tick(atMs);
    const laterMs = nowMs + 60 * dayMs;
    assert.ok(Number.isNaN(board.averageMs(0, laterMs)));
    assert.ok(Number.isNaN(board.reportedLoad(0)));
    assert.equal(board.sinceFailureMs(0, laterMs), Infinity);
    assert.ok(board.trialInMs(0, laterMs) <= 0);
    assert.equal(board.claimTrial(0), true);
  });
});

describe("a worker", () => {
  test("beats, and tells how far it lags", () => {
    const buffer = createBoard({ capacity: 1, workers: 2 });
    const [worker, control] = [openBoard(buffer, 1), openBoard(buffer, "control")];
    assert.equal(control.sinceBeatMs(1, nowMs), Infinity);
    worker.beat(12.5, nowMs);
    assert.equal(control.lagMs(1), 12.5);
    assert.equal(control.sinceBeatMs(1, nowMs + 500), 500);
    assert.equal(control.sinceBeatMs(0, nowMs), Infinity);
    control.releaseWorker(1);
    assert.equal(control.sinceBeatMs(1, nowMs), Infinity);
  });
});

describe("a named counter", () => {
  test("counts for itself", () => {
    const board = newBoard();
    board.count(0, 5);
    board.count(255, 2 ** 33);
    board.count(255, 1);
    assert.deepEqual(
      [0, 1, 255].map((index) => board.counter(index)),
      [5, 0, 2 ** 33 + 1],
    );
    assert.equal(board.connections(), 0);
  });
});
