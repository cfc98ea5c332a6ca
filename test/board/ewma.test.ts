import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createEwma, ewmaTauMs } from "../../src/board/ewma.ts";

const startMs = Date.UTC(2026, 0, 1);

function newEwma() {
  return createEwma(new Int32Array(new SharedArrayBuffer(8)));
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected * 1e-5, `${actual} is not ${expected}`);
}

describe("a peak-sensitive average", () => {
  test("is unknown until something was observed", () => {
    assert.ok(Number.isNaN(newEwma().read(0, startMs)));
  });

  test("stays between the least and the greatest observation", () => {
    const observation = fc.record({
      ms: fc.double({ min: 0.05, max: 600_000, noNaN: true }),
      after: fc.nat(30_000),
    });
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 50 }), (observations) => {
        const ewma = newEwma();
        let nowMs = startMs;
        for (const { ms, after } of observations) {
          nowMs += after;
          ewma.observe(0, ms, nowMs);
        }
        const values = observations.map(({ ms }) => ms);
        const average = ewma.read(0, nowMs);
        assert.ok(average >= Math.min(...values) * (1 - 1e-6) && average <= Math.max(...values) * (1 + 1e-6));
      }),
    );
  });

  test("jumps to a peak at once", () => {
    const ewma = newEwma();
    ewma.observe(0, 10, startMs);
    ewma.observe(0, 900, startMs);
    assertClose(ewma.read(0, startMs), 900);
  });

  test("comes down from a peak by exp(-dt / tau), in however many steps", () => {
    for (const steps of [1, 10, 1000]) {
      const ewma = newEwma();
      ewma.observe(0, 1000, startMs);
      for (let step = 1; step <= steps; step++) ewma.observe(0, 100, startMs + (ewmaTauMs / steps) * step);
      const expected = 100 + 900 * Math.exp(-1);
      assert.ok(Math.abs(ewma.read(0, startMs + ewmaTauMs) - expected) < 1, `${steps} steps`);
    }
  });

  test("fades while nothing is observed", () => {
    const ewma = newEwma();
    ewma.observe(0, 1000, startMs);
    assertClose(ewma.read(0, startMs + ewmaTauMs), 1000 * Math.exp(-1));
  });

  test("neither decays nor breaks when the clock is set back", () => {
    const ewma = newEwma();
    ewma.observe(0, 1000, startMs);
    ewma.observe(0, 10, startMs - 3_600_000);
    assertClose(ewma.read(0, startMs - 3_600_000), 1000);
    ewma.observe(0, 10, startMs - 3_600_000 + ewmaTauMs);
    assertClose(ewma.read(0, startMs - 3_600_000 + ewmaTauMs), 10 + 990 * Math.exp(-1));
  });
});
