import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { BanKey } from "../../src/board/ban-table.ts";
import { createBoard, openBoard } from "../../src/board/board.ts";

const startMs = Date.UTC(2026, 0, 1);
const law = { after: 3, windowMs: 10_000, forMs: 60_000 };
const a: BanKey = { version: 4, high: 0, low: 1 };
const b: BanKey = { version: 6, high: 0, low: 1 };

function open() {
  const buffer = createBoard({ capacity: 1, workers: 2 }, [3, 4]);
  const [board, other] = [openBoard(buffer, 0), openBoard(buffer, 1)];
  const strike = (key: BanKey, nowMs: number) => board.strike(key, { law, reason: 7 }, nowMs);
  return { board, other, strike };
}

describe("a ban", () => {
  test("comes with the last refusal of the window, for all workers at once, and ends by itself", () => {
    const { board, other, strike } = open();
    assert.deepEqual([strike(a, startMs), strike(a, startMs), strike(a, startMs)], [false, false, true]);
    assert.equal(other.bannedMs(a, startMs), 60_000);
    assert.equal(other.bannedMs(b, startMs), 0);
    assert.deepEqual(other.listBans(startMs), [
      { key: a, untilMs: startMs + 60_000, reason: 7, refusals: 3 },
    ]);
    assert.equal(board.bannedMs(a, startMs + 60_000), 0);
    assert.deepEqual(board.listBans(startMs + 60_000), []);
  });

  test("does not come where the window ended between", () => {
    const { board, strike } = open();
    for (let n = 0; n < 20; n++) assert.equal(strike(a, startMs + n * 5000), false);
    assert.equal(board.bannedMs(a, startMs + 100_000), 0);
  });

  test("counts anew when it is over", () => {
    const { strike } = open();
    for (let n = 0; n < 3; n++) strike(a, startMs);
    const laterMs = startMs + 60_000;
    assert.deepEqual([strike(a, laterMs), strike(a, laterMs), strike(a, laterMs)], [false, false, true]);
  });

  test("can be lifted, and put in force again from what was remembered", () => {
    const { board, other, strike } = open();
    for (let n = 0; n < 3; n++) strike(b, startMs);
    const [ban] = board.listBans(startMs);
    assert.equal(other.liftBan(b, startMs), true);
    assert.equal(other.liftBan(b, startMs), false);
    assert.equal(board.bannedMs(b, startMs), 0);
    other.ban(ban!, startMs + 1000);
    assert.equal(board.bannedMs(b, startMs + 1000), 59_000);
    assert.deepEqual(board.listBans(startMs + 1000), [ban]);
  });

  test("is not forgotten for the refusals of many others", () => {
    const { board, strike } = open();
    for (let n = 0; n < 3; n++) strike(a, startMs);
    for (let n = 2; n < 20_000; n++) strike({ version: 4, high: 0, low: n }, startMs);
    assert.ok(board.bannedMs(a, startMs) > 0);
  });

  test("lasts as long as it was meant to, wherever the clock stands", () => {
    const anyTime = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 10, max: 10_000_000 }), (nowMs, forMs) => {
        const { board } = open();
        board.strike(a, { law: { ...law, after: 1, forMs }, reason: 1 }, nowMs);
        assert.ok(Math.abs(board.bannedMs(a, nowMs) - forMs) <= 10);
        assert.equal(board.bannedMs(a, nowMs + forMs + 10), 0);
      }),
      { numRuns: 100 },
    );
  });
});
