import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { createDeadlines } from "../../src/data/deadlines.ts";
import type { Time } from "../../src/runtime/host.ts";

/** A clock that stands until it is moved; its timers run on the way. */
function fakeTime(): Time & { advance(ms: number): void; readonly timers: () => number } {
  let now = 1000;
  const ticking = new Set<{ everyMs: number; dueMs: number; run: () => void }>();
  return {
    now: () => now,
    monotonicMs: () => now,
    after: () => {
      throw new Error("The wheel needs no such timer");
    },
    every(everyMs, run) {
      const timer = { everyMs, dueMs: now + everyMs, run };
      ticking.add(timer);
      return { stop: () => void ticking.delete(timer) };
    },
    timers: () => ticking.size,
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...ticking].filter(({ dueMs }) => dueMs <= end).toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (!due) break;
        now = due.dueMs;
        due.dueMs += due.everyMs;
        due.run();
      }
      now = end;
    },
  };
}

/** How late a deadline may come, ms. */
const TICK_MS = 20;

describe("A deadline", () => {
  test("comes at its time, at most a tick late, whatever else waits", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            delayMs: fc.integer({ min: 0, max: 30_000 }),
            startMs: fc.integer({ min: 0, max: 3000 }),
          }),
          {
            maxLength: 40,
          },
        ),
        (plans) => {
          const time = fakeTime();
          const deadlines = createDeadlines(time);
          const fired: { dueMs: number; atMs: number }[] = [];
          let clockMs = 0;
          for (const { delayMs, startMs } of plans.toSorted((a, b) => a.startMs - b.startMs)) {
            time.advance(startMs - clockMs);
            clockMs = startMs;
            const dueMs = time.monotonicMs() + delayMs;
            deadlines.after(delayMs, () => fired.push({ dueMs, atMs: time.monotonicMs() }));
          }
          time.advance(40_000);
          assert.equal(fired.length, plans.length);
          for (const { dueMs, atMs } of fired)
            assert.ok(atMs >= dueMs && atMs <= dueMs + 2 * TICK_MS, `${dueMs} ${atMs}`);
          assert.equal(time.timers(), 0);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("that was stopped never comes, and its neighbours do", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.boolean()), { maxLength: 60 }),
        (plans) => {
          const time = fakeTime();
          const deadlines = createDeadlines(time);
          const fired = new Set<number>();
          const started = plans.map(([delayMs], at) => deadlines.after(delayMs, () => fired.add(at)));
          for (const [at, [, isStopped]] of plans.entries()) if (isStopped) started[at]?.stop();
          time.advance(20_000);
          const expected = plans.flatMap(([, isStopped], at) => (isStopped ? [] : [at]));
          assert.deepEqual(
            [...fired].toSorted((a, b) => a - b),
            expected,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test("may stop, and start, others of the same instant when it comes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 10 }), (targets) => {
        const time = fakeTime();
        const deadlines = createDeadlines(time);
        const fired: number[] = [];
        const stopped = new Set<number>();
        let late = 0;
        const started = targets.map((target, at) =>
          deadlines.after(50, () => {
            fired.push(at);
            if (!fired.includes(target)) stopped.add(target);
            started[target]?.stop();
            deadlines.after(0, () => late++);
          }),
        );
        time.advance(1000);
        assert.equal(new Set(fired).size, fired.length);
        assert.deepEqual(
          [...fired, ...stopped].toSorted((a, b) => a - b),
          [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        );
        assert.equal(late, fired.length);
      }),
      { numRuns: 200 },
    );
  });

  test("can be stopped twice, and after it came", () => {
    const time = fakeTime();
    const deadlines = createDeadlines(time);
    let count = 0;
    const first = deadlines.after(10, () => count++);
    const second = deadlines.after(10, () => count++);
    second.stop();
    second.stop();
    time.advance(100);
    first.stop();
    time.advance(30_000);
    assert.equal(count, 1);
    assert.equal(time.timers(), 0);
  });

  test("costs no timer while nothing waits", () => {
    const time = fakeTime();
    const deadlines = createDeadlines(time);
    assert.equal(time.timers(), 0);
    deadlines.after(1, () => {}).stop();
    deadlines.after(1, () => {});
    assert.equal(time.timers(), 1);
    time.advance(60);
    assert.equal(time.timers(), 0);
  });

  test("comes once after the clock stood still for long, as in a process that was stopped", () => {
    const time = fakeTime();
    const deadlines = createDeadlines(time);
    let count = 0;
    deadlines.after(30, () => count++);
    deadlines.after(30_000, () => count++);
    time.advance(3_600_000);
    assert.equal(count, 2);
  });
});
