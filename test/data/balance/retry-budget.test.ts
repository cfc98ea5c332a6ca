import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mayRetryWithin } from "../../../src/data/balance/retry-budget.ts";

test("three retries are always allowed", () => {
  assert.equal(mayRetryWithin(0.2, { attempts: 0, retries: 2 }), true);
  assert.equal(mayRetryWithin(0.2, { attempts: 4, retries: 3 }), false);
});

test("beyond them the share of first attempts is allowed", () => {
  assert.equal(mayRetryWithin(0.2, { attempts: 119, retries: 19 }), true);
  assert.equal(mayRetryWithin(0.2, { attempts: 120, retries: 20 }), false);
});

test("when everything fails, all attempts stay within the share, and three", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (requests, ratio) => {
        let [attempts, retries] = [0, 0];
        for (let request = 0; request < requests; request++) {
          attempts++;
          while (mayRetryWithin(ratio, { attempts, retries }))
            [attempts, retries] = [attempts + 1, retries + 1];
        }
        assert.ok(attempts <= requests + Math.max(3, ratio * requests));
      },
    ),
    { numRuns: 100 },
  );
});
