import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { policies, type PolicyName } from "../../../src/data/balance/policies.ts";
import { candidatesOf, chiSquare, type ModelServer, seededTools, tally } from "./model-servers.ts";

const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
const server: fc.Arbitrary<ModelServer> = fc.record(
  {
    weight: fc.oneof(fc.integer({ min: 1, max: 256 }), fc.double({ min: 0.01, max: 256, noNaN: true })),
    inflight: fc.integer({ min: 0, max: 1000 }),
    responseTimeMs: number(60_000),
    load: number(2),
    reportedInflight: fc.integer({ min: 0, max: 1000 }),
  },
  { requiredKeys: [] },
);
const group = fc.array(server, { minLength: 2, maxLength: 40 });
const names = Object.keys(policies) as PolicyName[];

for (const name of names) {
  describe(name, () => {
    test("picks a candidate, whatever the numbers", () => {
      fc.assert(
        fc.property(group, fc.integer(), fc.integer(), (list, seed, key) => {
          const candidates = candidatesOf(list);
          const policy = policies[name](seededTools(seed));
          for (let time = 0; time < 20; time++) {
            const index = policy(candidates, key + time);
            assert.ok(Number.isInteger(index) && index >= 0 && index < list.length, `it picked ${index}`);
          }
        }),
        { numRuns: 200 },
      );
    });

    test("picks a candidate at the extremes of chance", () => {
      for (const chance of [0, 0.5, 1 - 2 ** -53]) {
        for (const weights of [
          [1, 1],
          [256, 1, 1],
          [0.1, 3, 0.1],
          Array.from({ length: 33 }, (_, at) => at + 0.3),
        ]) {
          const candidates = candidatesOf(weights.map((weight) => ({ weight })));
          const policy = policies[name]({ random: () => chance, nextTurn: () => 2 ** 32 - 1 });
          const index = policy(candidates, -1);
          assert.ok(index >= 0 && index < weights.length, `it picked ${index}`);
        }
      }
    });

    test("uses every one of equal servers", () => {
      const candidates = candidatesOf(Array.from({ length: 10 }, () => ({})));
      const policy = policies[name](seededTools(1));
      const counts = tally(10, 2000, (time) => policy(candidates, Math.imul(time, 0x9e3779b1)));
      assert.ok(Math.min(...counts) > 100, counts.join(" "));
    });

    test("follows the weights while nobody is busy, within 1 % of all requests", () => {
      const weights = [1, 2, 3, 10, 256, 128];
      const candidates = candidatesOf(weights.map((weight) => ({ weight })));
      const policy = policies[name](seededTools(7));
      const times = 40_000;
      const counts = tally(weights.length, times, (time) => policy(candidates, Math.imul(time, 0x9e3779b1)));
      if (name === "reported-load") return; // what they reported decides, and they reported nothing
      for (const [at, weight] of weights.entries()) {
        assert.ok(Math.abs(counts[at]! / times - weight / 400) < 0.01, counts.join(" "));
      }
    });
  });
}

test("the smallest of servers still gets its turn", () => {
  const candidates = candidatesOf([{ weight: 256 }, { weight: 0.01 }]);
  const policy = policies["round-robin"](seededTools(1));
  const counts = tally(2, 256 * 32 + 1, () => policy(candidates, 0));
  assert.deepEqual(counts, [256 * 32, 1]);
});

test("draws are by weight (chi-square)", () => {
  const weights = [1, 2, 3, 4];
  const candidates = candidatesOf(weights.map((weight) => ({ weight })));
  const draw = policies.random(seededTools(42));
  const counts = tally(4, 100_000, () => draw(candidates, 0));
  const statistic = chiSquare(
    counts,
    weights.map((weight) => weight * 10_000),
  );
  assert.ok(statistic < 21.1, `chi-square ${statistic}`); // 3 degrees of freedom, p = 0.0001
});
