import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leastConnections } from "../../../src/data/balance/least-connections.ts";
import { candidatesOf, seededTools, tally } from "./model-servers.ts";

const server = fc.record({
  weight: fc.integer({ min: 1, max: 16 }),
  inflight: fc.integer({ min: 0, max: 20 }),
});
const group = fc.array(server, { minLength: 2, maxLength: 12 });

test("takes the fewest in-flight requests for the weight, or an idle server", () => {
  fc.assert(
    fc.property(group, fc.nat(), (list, start) => {
      let turn = start;
      const policy = leastConnections({ random: () => 0, nextTurn: () => turn++ });
      const chosen = list[policy(candidatesOf(list), 0)]!;
      const pressures = list.map(({ inflight, weight }) => (inflight + 1) / weight);
      const isLeast = (chosen.inflight + 1) / chosen.weight === Math.min(...pressures);
      assert.ok(isLeast || chosen.inflight === 0);
    }),
    { numRuns: 300 },
  );
});

test("an idle server is chosen only where the least busy is idle", () => {
  const policy = leastConnections(seededTools(0));
  const candidates = candidatesOf([{ weight: 1 }, { weight: 9, inflight: 1 }]);
  assert.deepEqual(
    tally(2, 10, () => policy(candidates, 0)),
    [0, 10],
  );
});

test("held requests end up spread by weight", () => {
  const list = [
    { weight: 3, inflight: 0 },
    { weight: 1, inflight: 0 },
  ];
  const candidates = candidatesOf(list);
  const policy = leastConnections(seededTools(0));
  for (let request = 0; request < 40; request++) list[policy(candidates, 0)]!.inflight++;
  assert.deepEqual(
    list.map(({ inflight }) => inflight),
    [30, 10],
  );
});

test("equals take turns", () => {
  const candidates = candidatesOf([{ inflight: 2 }, { inflight: 2 }, { inflight: 2 }]);
  const policy = leastConnections(seededTools(0));
  assert.deepEqual(
    tally(3, 9, () => policy(candidates, 0)),
    [3, 3, 3],
  );
});
