import assert from "node:assert/strict";
import { test } from "node:test";
import { createSampler, type Distribution } from "../../../../src/data/balance/simulate/distribution.ts";
import { evennessOf } from "../../../../src/data/balance/simulate/evenness.ts";
import { createSeededRandom } from "../../../../src/data/balance/simulate/seeded-random.ts";

const expected: readonly [Distribution, median: number, mean: number][] = [
  [{ kind: "constant", ms: 7 }, 7, 7],
  [{ kind: "exponential", meanMs: 10 }, 10 * Math.LN2, 10],
  [{ kind: "lognormal", medianMs: 10, sigma: 0.5 }, 10, 10 * Math.exp(0.125)],
  [{ kind: "pareto", leastMs: 10, shape: 3 }, 10 * 2 ** (1 / 3), 15],
  [{ kind: "recorded", samplesMs: [1, 2, 9] }, 2, 4],
];

for (const [distribution, median, mean] of expected) {
  test(`${distribution.kind} times have their median and mean`, () => {
    const draw = createSampler(distribution, createSeededRandom(1));
    const times = Array.from({ length: 60_000 }, draw).toSorted((a, b) => a - b);
    const average = times.reduce((sum, time) => sum + time, 0) / times.length;
    assert.ok(Math.abs(times[30_000]! / median - 1) < 0.03 && Math.abs(average / mean - 1) < 0.03);
  });
}

test("chance is even and depends on the seed", () => {
  const random = createSeededRandom(9);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random() * 10)]!++;
  assert.ok(
    counts.every((count) => Math.abs(count - 10_000) < 400),
    counts.join(" "),
  );
  assert.notEqual(createSeededRandom(1)(), createSeededRandom(2)());
});

test("evenness is 1 where everybody gets the same for its weight", () => {
  assert.deepEqual(evennessOf([10, 20], [{ weight: 1 }, { weight: 2 }]), { maxOverMean: 1, jain: 1 });
  assert.deepEqual(evennessOf([10, 0, 0, 0], [{}, {}, {}, {}]), { maxOverMean: 4, jain: 0.25 });
  assert.deepEqual(evennessOf([0, 0], [{}, {}]), { maxOverMean: 1, jain: 1 });
});
