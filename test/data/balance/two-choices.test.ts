import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { policies } from "../../../src/data/balance/policies.ts";
import { drawOne, drawOther } from "../../../src/data/balance/two-draws.ts";
import { candidatesOf, chiSquare, seededTools, tally } from "./model-servers.ts";

const weight = fc.oneof(fc.integer({ min: 1, max: 256 }), fc.double({ min: 0.05, max: 10, noNaN: true }));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("two draws", () => {
  test("are never the same candidate", () => {
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 2, maxLength: 20 }),
        chance,
        chance,
        (weights, one, other) => {
          const candidates = candidatesOf(weights.map((weight) => ({ weight })));
          const first = drawOne(candidates, one);
          assert.notEqual(drawOther(candidates, first, other), first);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("pair every two servers equally often (chi-square)", () => {
    const count = 9;
    const candidates = candidatesOf(Array.from({ length: count }, () => ({ weight: 3 })));
    const { random } = seededTools(11);
    const times = 72_000;
    const pairs = tally(count * count, times, () => {
      const first = drawOne(candidates, random());
      return first * count + drawOther(candidates, first, random());
    });
    const distinct = pairs.filter((_, at) => Math.floor(at / count) !== at % count);
    const statistic = chiSquare(
      distinct,
      distinct.map(() => times / 72),
    );
    assert.ok(statistic < 122, `chi-square ${statistic}`); // 71 degrees of freedom, p = 0.0001
  });

  test("leave the rest its weights", () => {
    const candidates = candidatesOf([{ weight: 5 }, { weight: 1 }, { weight: 3 }]);
    const { random } = seededTools(3);
    const counts = tally(3, 40_000, () => drawOther(candidates, 0, random()));
    assert.equal(counts[0], 0);
    assert.ok(chiSquare(counts.slice(1), [10_000, 30_000]) < 15.2, counts.join(" ")); // 1 degree, p = 0.0001
  });
});

const pair = fc.tuple(
  fc.record({ weight: fc.integer({ min: 1, max: 9 }), inflight: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ weight: fc.integer({ min: 1, max: 9 }), inflight: fc.integer({ min: 0, max: 50 }) }),
);

test("power-of-two never takes the busier", () => {
  fc.assert(
    fc.property(pair, fc.integer(), (list, seed) => {
      const index = policies["power-of-two"](seededTools(seed))(candidatesOf(list), 0);
      const [chosen, other] = [list[index]!, list[1 - index]!];
      const isBusier = (chosen.inflight + 1) / chosen.weight > (other.inflight + 1) / other.weight;
      assert.ok(!isBusier || (chosen.inflight === 0 && other.inflight === 0));
    }),
    { numRuns: 300 },
  );
});

test("response-time takes the one whose time × in-flight is less", () => {
  const policy = policies["response-time"](seededTools(5));
  const candidates = candidatesOf([
    { responseTimeMs: 100, inflight: 0 },
    { responseTimeMs: 10, inflight: 8 },
  ]);
  assert.deepEqual(
    tally(2, 50, () => policy(candidates, 0)),
    [0, 50],
  );
});

test("response-time takes a server that was never measured for the median of its group", () => {
  const policy = policies["response-time"](seededTools(5));
  const list = [{ responseTimeMs: 100 }, {}, { responseTimeMs: 20 }, { responseTimeMs: 60 }];
  const counts = tally(4, 12_000, () => policy(candidatesOf(list), 0));
  // Cheapest of all is server 2, then 1 and 3 as equals, then 0.
  assert.equal(counts[0], 0);
  assert.ok(counts[2]! > counts[1]! && Math.abs(counts[1]! - counts[3]!) < 400, counts.join(" "));
});

test("reported-load takes the lower report, and an unknown one for the median", () => {
  const policy = policies["reported-load"](seededTools(5));
  const counts = tally(3, 9000, () => policy(candidatesOf([{ load: 0.9 }, { load: 0.1 }, {}]), 0));
  assert.equal(counts[0], 0);
  assert.ok(counts[1]! > counts[2]! && counts[2]! > 1000, counts.join(" "));
});

test("a herd does not follow one stale report: requests under way count at once", () => {
  const list = [
    { load: 0.1, inflight: 0 },
    { load: 0.5, inflight: 0 },
  ];
  const candidates = candidatesOf(list);
  const policy = policies["reported-load"](seededTools(5));
  for (let request = 0; request < 60; request++) list[policy(candidates, 0)]!.inflight++;
  assert.ok(
    list[1]!.inflight >= 9,
    `${list[0]!.inflight} went to the idler one, ${list[1]!.inflight} to the other`,
  );
});

test("reports of 0 do not make a server free", () => {
  const list = [
    { load: 0, inflight: 0 },
    { load: 0.2, inflight: 0 },
  ];
  const candidates = candidatesOf(list);
  const policy = policies["reported-load"](seededTools(5));
  for (let request = 0; request < 50; request++) list[policy(candidates, 0)]!.inflight++;
  assert.ok(list[1]!.inflight >= 9);
});

test("with nobody's report, reported-load compares requests under way", () => {
  const policy = policies["reported-load"](seededTools(5));
  const candidates = candidatesOf([{ inflight: 9 }, { inflight: 1 }]);
  assert.deepEqual(
    tally(2, 50, () => policy(candidates, 0)),
    [0, 50],
  );
});

test("a weight counts once with reported-load: the lighter server gets its share too", () => {
  const list = [
    { load: 0.5, inflight: 0, weight: 3 },
    { load: 0.5, inflight: 0, weight: 1 },
  ];
  const policy = policies["reported-load"](seededTools(5));
  for (let request = 0; request < 400; request++) list[policy(candidatesOf(list), 0)]!.inflight++;
  assert.ok(list[1]!.inflight >= 100, `${list[1]!.inflight} of 400 went to it`);
});
