import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { roundRobin } from "../../../src/data/balance/round-robin.ts";
import { candidatesOf, seededTools, tally } from "./model-servers.ts";

const weights = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 12 });

function unitsOf(list: number[]): number {
  const divides = (unit: number) => list.every((weight) => weight % unit === 0);
  const unit = Array.from({ length: 30 }, (_, at) => 30 - at).find(divides) ?? 1;
  return list.reduce((sum, weight) => sum + weight, 0) / unit;
}

test("equal servers come one after the other", () => {
  const candidates = candidatesOf([{ weight: 5 }, { weight: 5 }, { weight: 5 }]);
  const policy = roundRobin(seededTools(0));
  const sequence = Array.from({ length: 7 }, () => policy(candidates, 0));
  assert.deepEqual(sequence, [0, 1, 2, 0, 1, 2, 0]);
});

test("in each round every server comes exactly as often as its weight says, wherever the round begins", () => {
  fc.assert(
    fc.property(weights, fc.nat(), (list, start) => {
      const candidates = candidatesOf(list.map((weight) => ({ weight })));
      let turn = start;
      const policy = roundRobin({ random: () => 0, nextTurn: () => turn++ });
      const units = unitsOf(list);
      const counts = tally(list.length, units, () => policy(candidates, 0));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      assert.deepEqual(
        counts,
        list.map((weight) => (weight * units) / total),
      );
    }),
    { numRuns: 200 },
  );
});

test("turns are spread: at no time is a server more than three turns ahead of its share or behind it", () => {
  fc.assert(
    fc.property(weights, (list) => {
      const candidates = candidatesOf(list.map((weight) => ({ weight })));
      const policy = roundRobin(seededTools(0));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const counts = list.map(() => 0);
      for (let turn = 1; turn <= total; turn++) {
        counts[policy(candidates, 0)]!++;
        for (const [at, weight] of list.entries()) {
          const ahead = counts[at]! - (turn * weight) / total;
          assert.ok(
            Math.abs(ahead) <= 3,
            `server ${at} of ${list.join(" ")} is ${ahead} turns ahead after ${turn}`,
          );
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("workers that count together share one sequence", () => {
  const list = [{ weight: 3 }, { weight: 1 }, { weight: 2 }];
  const tools = seededTools(0);
  const workers = [roundRobin(tools), roundRobin(tools)];
  const lists = [candidatesOf(list), candidatesOf(list)];
  const counts = tally(3, 600, (time) => workers[time % 2]!(lists[time % 2]!, 0));
  assert.deepEqual(counts, [300, 100, 200]);
});
