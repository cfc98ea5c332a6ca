import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Shares } from "../../../src/data/balance/shares.ts";

function sharesOf(weights: readonly number[]): Shares {
  const shares = new Shares(weights.length);
  for (const weight of weights) shares.add(weight);
  shares.finish();
  return shares;
}

const weights = fc.array(fc.oneof(fc.integer({ min: 1, max: 256 }), fc.constant(1 / 32)), {
  minLength: 1,
  maxLength: 50,
});

test("a point belongs to the weight that covers it", () => {
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, where) => {
      const shares = sharesOf(list);
      const point = where * shares.total;
      const index = shares.at(point);
      assert.ok(shares.start(index) <= point && point < shares.start(index) + list[index]!);
    }),
    { numRuns: 500 },
  );
});

test("every edge belongs to the weight that begins there", () => {
  fc.assert(
    fc.property(weights, (list) => {
      const shares = sharesOf(list);
      for (const index of list.keys()) assert.equal(shares.at(shares.start(index)), index);
    }),
    { numRuns: 200 },
  );
});

test("a list can be filled again", () => {
  const shares = sharesOf([5, 1, 3]);
  shares.clear();
  shares.add(1);
  shares.add(1);
  shares.finish();
  assert.deepEqual([shares.count, shares.total, shares.at(0), shares.at(1.9)], [2, 2, 0, 1]);
});
