import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createBoard, openBoard } from "../../src/board/board.ts";
import { RateLaw } from "../../src/board/rates.ts";

const startMs = Date.UTC(2026, 0, 1);

function open(clients = 1024) {
  return openBoard(createBoard({ capacity: 1, workers: 1, clients }, [1, 2]), 0);
}

const rates = fc.record({
  burst: fc.integer({ min: 1, max: 50 }),
  count: fc.integer({ min: 1, max: 5000 }),
  perMs: fc.constantFrom(1000, 60_000, 3_600_000),
});

describe("a rate", () => {
  test("never lets more pass than its burst and what time brings, in any stretch of time", () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(rates, pauses, (rate, waits) => {
        const board = open(64);
        const law = new RateLaw(1, rate);
        const passedAt: number[] = [];
        let nowMs = startMs;
        for (const wait of waits) {
          nowMs += wait;
          if (board.takeRate(law, "a", nowMs) > 0) passedAt.push(nowMs);
        }
        for (const [first, fromMs] of passedAt.entries()) {
          for (const [last, toMs] of passedAt.entries()) {
            if (last < first) continue;
            const most = rate.burst + (rate.count * (toMs - fromMs)) / rate.perMs;
            assert.ok(last - first + 1 <= most + 1e-6, `${last - first + 1} passed, at most ${most}`);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("lets the burst through at once, and says how long the next has to wait", () => {
    fc.assert(
      fc.property(rates, (rate) => {
        const board = open(64);
        const law = new RateLaw(1, rate);
        for (let n = 0; n < rate.burst; n++) assert.ok(board.takeRate(law, "a", startMs) > 0);
        const waitMs = -board.takeRate(law, "a", startMs) / 1000;
        assert.ok(waitMs > 0 && waitMs <= rate.perMs / rate.count + 0.001);
        assert.ok(board.takeRate(law, "a", startMs + Math.ceil(waitMs) - 1) < 0 || waitMs <= 1);
        assert.ok(board.takeRate(law, "a", startMs + Math.ceil(waitMs)) > 0);
      }),
    );
  });

  test("gives back what another rule refused", () => {
    const board = open();
    const law = new RateLaw(1, { burst: 2, count: 1, perMs: 60_000 });
    for (let round = 0; round < 20; round++) {
      assert.ok(board.takeRate(law, "a", startMs) > 0);
      board.giveBackRate(law, "a", startMs);
    }
    board.giveBackRate(law, "unknown", startMs);
    assert.ok(board.takeRate(law, "a", startMs) > 0);
    assert.ok(board.takeRate(law, "a", startMs) > 0);
    assert.ok(board.takeRate(law, "a", startMs) < 0);
  });

  test("counts each key and each law alone", () => {
    const board = open();
    const [first, second] = [1, 2].map((scope) => new RateLaw(scope, { burst: 1, count: 1, perMs: 1000 }));
    for (const law of [first!, second!]) {
      for (const key of ["", "a", "b", "x".repeat(5000)]) {
        assert.ok(board.takeRate(law, key, startMs) > 0);
        assert.ok(board.takeRate(law, key, startMs) < 0);
      }
    }
  });

  test("outlives a clock that was set back by a day", () => {
    const board = open();
    const law = new RateLaw(1, { burst: 1, count: 1, perMs: 1000 });
    assert.ok(board.takeRate(law, "a", startMs) > 0);
    assert.ok(board.takeRate(law, "a", startMs - 86_400_000) > 0);
    assert.ok(board.takeRate(law, "a", startMs - 86_400_000) < 0);
  });

  test("forgets a debt long paid before its instant comes round again", () => {
    const board = open();
    const law = new RateLaw(1, { burst: 1, count: 1, perMs: 1000 });
    assert.ok(board.takeRate(law, "a", startMs) > 0);
    for (let second = 0; second < 3600; second++) board.tick(startMs + 10_000 + second * 1000);
    const roundMs = 2 ** 39 / 1000;
    assert.ok(board.takeRate(law, "a", startMs + roundMs) > 0);
  });
});

describe("a table that is full of debts", () => {
  test("keeps the largest: small ones of many clients do not free a client that owes its whole burst", () => {
    const board = open(1024);
    const law = new RateLaw(1, { burst: 20, count: 1, perMs: 60_000 });
    for (let n = 0; n < 20; n++) board.takeRate(law, "debtor", startMs);
    for (let n = 0; n < 100_000; n++)
      board.takeRate(law, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, startMs);
    assert.ok(board.takeRate(law, "debtor", startMs) < 0);
  });

  test("still counts each client that comes, and forgets the smallest debts alone", () => {
    const board = open(1024);
    const law = new RateLaw(1, { burst: 5, count: 1, perMs: 60_000 });
    for (let n = 0; n < 20_000; n++) board.takeRate(law, `client ${n}`, startMs);
    for (let n = 0; n < 5; n++) assert.ok(board.takeRate(law, "late", startMs) > 0);
    assert.ok(board.takeRate(law, "late", startMs) < 0);
  });
});
