import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ActiveHealth, createActiveHealth } from "../../../src/data/balance/active-health.ts";

const next = createActiveHealth({ rise: 2, fall: 3 });

function statesAfter(start: ActiveHealth, probes: string): string {
  let health = start;
  const states = Array.from(probes, (probe) => {
    health = next(health, { passed: probe === "+" });
    return health.state === "up" ? "U" : "d";
  });
  return states.join("");
}

test("a server goes down after `fall` failures in a row and comes up after `rise` passes in a row", () => {
  assert.equal(statesAfter({ state: "up", failures: 0 }, "--+---+-++-"), "UUUUUddddUU");
});

test("the first probe decides at once", () => {
  assert.equal(statesAfter({ state: "unknown" }, "-++"), "ddU");
  assert.equal(statesAfter({ state: "unknown" }, "+--"), "UUU");
});

test("a state changes only after as many contrary probes as it takes", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (probes) => {
      let health: ActiveHealth = { state: "up", failures: 0 };
      for (const [at, passed] of probes.entries()) {
        const before: string = health.state;
        health = next(health, { passed });
        if (health.state === before) continue;
        const need = health.state === "up" ? 2 : 3;
        const last = probes.slice(at + 1 - need, at + 1);
        assert.ok(last.length === need && last.every((probe) => probe === passed));
      }
    }),
    { numRuns: 300 },
  );
});

test("a confirmed state is the same object, so that nobody reports a change", () => {
  const health: ActiveHealth = { state: "up", failures: 0 };
  assert.equal(next(health, { passed: true }), health);
});
