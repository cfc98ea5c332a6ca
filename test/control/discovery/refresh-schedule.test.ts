import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { RefreshSchedule } from "../../../src/control/discovery/refresh-schedule.ts";

/** A clock that the test turns on, and a schedule that notes when it runs. */
function start(outcome: (runs: number) => boolean | Promise<boolean> = () => true) {
  let nowMs = 0;
  let due: { at: number; run: () => void }[] = [];
  const runs: number[] = [];
  const schedule = new RefreshSchedule({
    time: {
      monotonicMs: () => nowMs,
      after(delayMs, run) {
        const timer = { at: nowMs + delayMs, run };
        due.push(timer);
        return { stop: () => void (due = due.filter((one) => one !== timer)) };
      },
    },
    run: async () => {
      runs.push(nowMs);
      return outcome(runs.length);
    },
  });
  async function pass(ms: number): Promise<void> {
    const endsAt = nowMs + ms;
    await new Promise((resolve) => setImmediate(resolve));
    for (let next = nextDue(); next && next.at <= endsAt; next = nextDue()) {
      nowMs = next.at;
      due = due.filter((one) => one !== next);
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    nowMs = endsAt;
  }
  const nextDue = () => due.toSorted((a, b) => a.at - b.at)[0];
  return { schedule, pass, runs };
}

describe("changes of servers", () => {
  test("are taken in soon, those that come together at once", async () => {
    const { schedule, pass, runs } = start();
    schedule.request();
    await pass(60);
    schedule.request();
    await pass(1_000);
    assert.deepEqual(runs, [100]);
  });

  test("that never rest are taken in four times a second at the most", async () => {
    const { schedule, pass, runs } = start();
    for (let tick = 0; tick < 200; tick++) {
      schedule.request();
      await pass(10);
    }
    assert.ok(runs.length >= 6 && runs.length <= 8, runs.join(" "));
  });

  test("that come while one is taken in are taken in after it, and never beside it", async () => {
    let end = (): void => {};
    const { schedule, pass, runs } = start((count) =>
      count > 1 ? true : new Promise((resolve) => (end = () => resolve(true))),
    );
    schedule.request();
    await pass(100);
    schedule.request();
    await pass(5_000);
    assert.equal(runs.length, 1);
    end();
    await pass(1_000);
    assert.equal(runs.length, 2);
  });

  test("that are refused are tried again after a second", async () => {
    const { schedule, pass, runs } = start((count) => count === 3);
    schedule.request();
    await pass(10_000);
    assert.deepEqual(runs, [100, 1_100, 2_100]);
  });

  test("are let go once it is over", async () => {
    const { schedule, pass, runs } = start();
    schedule.request();
    schedule.stop();
    schedule.request();
    await pass(1_000);
    assert.deepEqual(runs, []);
  });
});
