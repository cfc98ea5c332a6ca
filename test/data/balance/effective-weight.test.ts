import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { effectiveWeight } from "../../../src/data/balance/effective-weight.ts";

test("a weight rises evenly from 10 % to all of it", () => {
  const warmUp = { weight: 4, upSinceAt: 1000, slowStartMs: 10_000 };
  assert.equal(effectiveWeight(warmUp, 1000), 0.4);
  assert.equal(effectiveWeight(warmUp, 6000), 2);
  assert.equal(effectiveWeight(warmUp, 11_000), 4);
});

test("without a slow start a server has all of its weight at once", () => {
  assert.equal(effectiveWeight({ weight: 4, upSinceAt: 1000, slowStartMs: 0 }, 1000), 4);
  assert.equal(effectiveWeight({ weight: 4, upSinceAt: -Infinity, slowStartMs: 10_000 }, 0), 4);
});

test("it never falls and stays between 10 % and all, even when the clock is set back", () => {
  const instant = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 256 }), instant, instant, (weight, one, other) => {
      const warmUp = { weight, upSinceAt: 0, slowStartMs: 30_000 };
      const earlier = effectiveWeight(warmUp, Math.min(one, other));
      const later = effectiveWeight(warmUp, Math.max(one, other));
      assert.ok(earlier <= later && earlier >= weight * 0.1 && later <= weight);
    }),
  );
});
