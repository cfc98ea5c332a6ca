import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hash } from "../../../src/data/balance/hash.ts";
import { hashText } from "../../../src/data/balance/hash-text.ts";
import { candidatesOf, chiSquare, type ModelServer, seededTools, tally } from "./model-servers.ts";

const policy = hash(seededTools(0));
const keys = Array.from({ length: 4000 }, (_, at) => hashText(`client ${at}`));

function named(count: number, weight = 1): { name: string; weight: number }[] {
  return Array.from({ length: count }, (_, at) => ({ name: `http://10.0.0.${at}:80`, weight }));
}

test("keys spread evenly (chi-square)", () => {
  const candidates = candidatesOf(named(10));
  const counts = tally(10, keys.length, (at) => policy(candidates, keys[at]!));
  assert.ok(
    chiSquare(
      counts,
      counts.map(() => 400),
    ) < 33.7,
    counts.join(" "),
  ); // 9 degrees of freedom, p = 0.0001
});

test("removing one of n servers moves its own keys only, and spreads them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 12 }), fc.nat(), (count, pick) => {
      const all = named(count);
      const gone = pick % count;
      const left = all.filter((_, at) => at !== gone);
      const [before, after] = [candidatesOf(all), candidatesOf(left)];
      for (const key of keys.slice(0, 500)) {
        const was = all[policy(before, key)]!;
        const is = left[policy(after, key)]!;
        assert.ok(was === is || was === all[gone], "a key of a server that stayed has moved");
      }
    }),
    { numRuns: 50 },
  );
});

test("a change of weight moves keys only to the server that gained", () => {
  const before = candidatesOf(named(5, 2));
  const after = candidatesOf(named(5, 2).map(({ name }, at) => ({ name, weight: at === 3 ? 3 : 2 })));
  for (const key of keys) {
    const [was, is] = [policy(before, key), policy(after, key)];
    assert.ok(was === is || is === 3);
  }
});

test("the order of the servers does not matter", () => {
  const list = named(7);
  const turned = list.toReversed();
  const [one, other] = [candidatesOf(list), candidatesOf(turned)];
  for (const key of keys) assert.equal(list[policy(one, key)], turned[policy(other, key)]);
});

test("no server gets more than 1.25 times its share of what is under way, rounded up", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 10 }),
      fc.integer(),
      (weights, key) => {
        const list = weights.map((weight) => ({ weight, inflight: 0 }));
        const candidates = candidatesOf(list);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let request = 1; request <= 200; request++) {
          const chosen = list[policy(candidates, key)]!;
          chosen.inflight++;
          assert.ok(chosen.inflight <= Math.ceil((1.25 * request * chosen.weight) / total));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a key that spilled over comes back when its server has room again", () => {
  const list: ModelServer[] = named(4).map(({ name }) => ({ name, inflight: 10 }));
  const candidates = candidatesOf(list);
  const home = policy(candidates, 5);
  list[home]!.inflight = 20;
  assert.notEqual(policy(candidates, 5), home);
  list[home]!.inflight = 10;
  assert.equal(policy(candidates, 5), home);
});
