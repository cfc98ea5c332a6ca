import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Board, createBoard, openBoard } from "../../src/board/board.ts";
import { greatestMs, leastMs } from "../../src/board/histogram.ts";
import { slotAt } from "../../src/board/layout.ts";
import { openMemory } from "../../src/board/memory.ts";
import { slotMs, windowSlots } from "../../src/board/window.ts";

const startMs = Date.UTC(2026, 0, 1) + 3210;

function newBoard(): Board {
  return openBoard(createBoard({ capacity: 8, workers: 1 }), 0);
}

/** What the window must show: samples whose slot is one of the last 30. */
function inWindow<T extends { atMs: number }>(samples: readonly T[], nowMs: number): T[] {
  const last = Math.floor(nowMs / slotMs);
  return samples.filter(({ atMs }) => Math.floor(atMs / slotMs) > last - windowSlots);
}

function nearestRank(values: readonly number[], ratio: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)]!;
}

function assertWithinTwoPercent(estimate: number, exact: number): void {
  assert.ok(Math.abs(estimate - exact) <= exact * 0.02, `${estimate} is more than 2 % off ${exact}`);
}

function assertShows(board: Board, samples: readonly Sample[], nowMs: number): void {
  const rows = [...new Set(samples.map(({ row }) => row))];
  const times = inWindow(samples, nowMs).map(({ ms }) => ms);
  const quantiles = board.quantilesOf(rows, nowMs);
  if (times.length === 0) return assert.equal(quantiles, undefined);
  assert.ok(quantiles);
  assert.equal(quantiles.count, times.length);
  assertWithinTwoPercent(quantiles.p50, nearestRank(times, 0.5));
  assertWithinTwoPercent(quantiles.p95, nearestRank(times, 0.95));
  assertWithinTwoPercent(quantiles.p99, nearestRank(times, 0.99));
  const sum = times.reduce((total, ms) => total + ms, 0);
  assert.ok(Math.abs(quantiles.sumMs - sum) <= times.length * 0.0006);
}

interface Sample {
  row: number;
  ms: number;
  atMs: number;
}

const arrival = fc.record({
  row: fc.nat(3),
  ms: fc
    .double({ min: Math.log(leastMs), max: Math.log(greatestMs), noNaN: true })
    .map((log) => Math.exp(log)),
  after: fc.oneof(
    { weight: 8, arbitrary: fc.nat(2000) },
    { weight: 3, arbitrary: fc.nat(40_000) },
    { weight: 1, arbitrary: fc.nat(400_000) },
  ),
});

describe("the window of 5 minutes", () => {
  for (const ticks of [true, false]) {
    test(`${ticks ? "with" : "without"} ticks, shows the exact quantiles within 2 %, and only of the window`, () => {
      fc.assert(
        fc.property(
          fc.array(arrival, { minLength: 1, maxLength: 120 }),
          fc.nat(320_000),
          (arrivals, later) => {
            const board = newBoard();
            for (let row = 0; row < 4; row++) board.clearRow(row);
            const samples: Sample[] = [];
            let nowMs = startMs;
            for (const { row, ms, after } of arrivals) {
              nowMs += after;
              if (ticks) board.tick(nowMs);
              board.recordResponseTime(row, ms, nowMs);
              samples.push({ row, ms, atMs: nowMs });
            }
            assertShows(board, samples, nowMs);
            assertShows(board, samples, nowMs + later);
          },
        ),
        { numRuns: 100 },
      );
    });
  }

  test("forgets what is 5 minutes old, and not what is 4 minutes 50 seconds old", () => {
    const board = newBoard();
    board.recordResponseTime(0, 7, startMs);
    assert.equal(board.quantilesOf([0], startMs + 290_000)?.count, 1);
    assert.equal(board.quantilesOf([0], startMs + 300_000), undefined);
  });

  test("looks back over a shorter time when asked", () => {
    const board = newBoard();
    const minuteMs = Date.UTC(2026, 0, 1);
    for (let second = -60; second < 120; second++) board.recordResponseTime(0, 5, minuteMs + second * 1000);
    assert.equal(board.quantilesOf([0], minuteMs + 59_999, 60_000)?.count, 60);
    assert.equal(board.quantilesOf([0], minuteMs + 119_999, 120_000)?.count, 120);
    assert.equal(board.quantilesOf([0], minuteMs + 119_999, 3_600_000)?.count, 180);
  });

  test("gives nothing without traffic, for a row and for none", () => {
    assert.equal(newBoard().quantilesOf([0, 1], startMs), undefined);
    assert.equal(newBoard().quantilesOf([], startMs), undefined);
  });

  test("merges rows as if all had been recorded in one", () => {
    const board = newBoard();
    for (let ms = 1; ms <= 100; ms++) {
      board.recordResponseTime(ms % 3, ms, startMs);
      board.recordResponseTime(4, ms, startMs);
    }
    assert.deepEqual(board.quantilesOf([0, 1, 2], startMs), board.quantilesOf([4], startMs));
  });

  test("shows the share of errors of the window only", () => {
    const board = newBoard();
    assert.equal(board.errorRate(0, startMs), 0);
    for (const status of [200, 404, 500, 0]) board.recordAttempt(0, status, startMs);
    assert.equal(board.errorRate(0, startMs), 0.5);
    for (const status of [200, 200]) board.recordAttempt(0, status, startMs + 200_000);
    assert.equal(board.errorRate(0, startMs + 200_000), 2 / 6);
    assert.equal(board.errorRate(0, startMs + 320_000), 0);
  });

  test("has its next slots cleared by a tick, and no other", () => {
    const buffer = createBoard({ capacity: 2, workers: 1 });
    const [board, { words, layout }] = [openBoard(buffer, "control"), openMemory(buffer, "control")];
    const first = Math.floor(startMs / slotMs);
    const tags = () => [0, 1, 2, 3].map((later) => Atomics.load(words, slotAt(layout, 0, first + later)));
    board.clearRow(0);
    for (const later of [0, 1, 2, 3]) board.recordResponseTime(0, 7, startMs + later * slotMs);
    board.tick(startMs + 29 * slotMs);
    assert.deepEqual(tags(), [first, first + 1, first + 2, first + 3]);
    board.tick(startMs + 31 * slotMs); // next come the places of 32 and 33 slots after the first
    assert.deepEqual(tags(), [0, 0, first + 2, first + 3]);
  });

  test("never counts a slot again that the ring left behind, though nobody cleared it", () => {
    const board = newBoard();
    board.recordResponseTime(0, 7, startMs);
    board.recordResponseTime(0, 9, startMs + 32 * slotMs); // the same place on the ring
    assert.equal(board.quantilesOf([0], startMs + 32 * slotMs)?.count, 1);
  });

  test("goes on after the clock was set back", () => {
    const board = newBoard();
    board.recordResponseTime(0, 7, startMs);
    board.recordResponseTime(0, 9, startMs - 3_600_000);
    assert.equal(board.quantilesOf([0], startMs - 3_600_000)?.count, 1);
  });
});

describe("the recent past", () => {
  test("counts requests, failures and retries of the last seconds only", () => {
    const board = newBoard();
    for (let second = 0; second < 200; second++) {
      board.recordAttempt(0, 200, startMs + second * 1000);
      if (second % 2 === 0) board.recordFailure(0, startMs + second * 1000);
      if (second % 5 === 0) board.recordRetry(0, startMs + second * 1000);
    }
    const nowMs = startMs + 199_000;
    assert.deepEqual(board.recent(0, 10, nowMs), { requests: 10, failures: 5, retries: 2 });
    assert.deepEqual(board.recent(0, 1, nowMs), { requests: 1, failures: 0, retries: 0 });
    assert.equal(board.recent(0, 1000, nowMs).requests, 60);
    assert.deepEqual(board.recent(0, 10, nowMs + 10_000), { requests: 0, failures: 0, retries: 0 });
  });
});
