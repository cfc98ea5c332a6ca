import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { AtLeisure } from "../../../src/control/discovery/at-leisure.ts";

/** A clock that the test turns on; each run takes so long. */
function start(runMs: number) {
  let nowMs = 0;
  let due: { at: number; run: () => void } | undefined;
  const runs: number[] = [];
  const leisure = new AtLeisure(
    {
      monotonicMs: () => nowMs,
      after(delayMs, run) {
        due = { at: nowMs + delayMs, run };
        return { stop: () => void (due = undefined) };
      },
    },
    () => {
      runs.push(nowMs);
      nowMs += runMs;
    },
  );
  function pass(ms: number): void {
    const endsAt = nowMs + ms;
    while (due && due.at <= endsAt) {
      const { at, run } = due;
      due = undefined;
      nowMs = Math.max(nowMs, at);
      run();
    }
    nowMs = Math.max(nowMs, endsAt);
  }
  return { leisure, pass, runs, now: () => nowMs };
}

describe("what is run at leisure", () => {
  test("runs at once after a rest, and once for all that asked meanwhile", () => {
    const { leisure, pass, runs } = start(0);
    for (let time = 0; time < 5; time++) leisure.request();
    assert.deepEqual(runs, [0]);
    pass(1_000);
    assert.deepEqual(runs, [0, 50]);
    leisure.request();
    assert.deepEqual(runs, [0, 50, 1_000]);
  });

  test("takes a tenth of the time at the most, however long it takes and however often it is asked for", () => {
    const { leisure, pass, runs, now } = start(40);
    for (let time = 0; time < 1_000; time++) {
      leisure.request();
      pass(10);
    }
    const share = (runs.length * 40) / now();
    assert.ok(share <= 0.105 && share > 0.08, `${runs.length} runs in ${now()} ms`);
  });

  test("is let go once it is over", () => {
    const { leisure, pass, runs } = start(0);
    leisure.request();
    leisure.request();
    leisure.stop();
    pass(1_000);
    assert.deepEqual(runs, [0]);
  });
});
