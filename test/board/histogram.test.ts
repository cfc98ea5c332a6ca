import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bucketOf, greatestMs, leastMs, valueOf } from "../../src/board/histogram.ts";
import { bucketCount } from "../../src/board/layout.ts";

const time = fc
  .double({ min: Math.log(leastMs), max: Math.log(greatestMs), noNaN: true })
  .map((logarithm) => Math.exp(logarithm));

describe("a bucket", () => {
  test("stands for all its times with at most 2 % of error", () => {
    fc.assert(
      fc.property(time, (ms) => {
        assert.ok(Math.abs(valueOf(bucketOf(ms)) - ms) <= ms * 0.02);
      }),
      { numRuns: 1000 },
    );
  });

  test("of a longer time is never a lower one", () => {
    fc.assert(fc.property(time, time, (a, b) => bucketOf(Math.min(a, b)) <= bucketOf(Math.max(a, b))));
  });

  test("is the first for all that is shorter, the last for all that is longer", () => {
    for (const ms of [0, -1, 0.001, leastMs, Number.NaN]) assert.equal(bucketOf(ms), 0);
    for (const ms of [greatestMs, greatestMs * 10, Infinity]) assert.equal(bucketOf(ms), bucketCount - 1);
  });
});
