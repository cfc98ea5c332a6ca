import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createPassiveHealth,
  type FailureRecord,
  newPassiveHealth,
  type PassiveEvent,
  type PassiveHealth,
} from "../../../src/data/balance/passive-health.ts";

const settings = {
  failures: 5,
  failureRate: 0.3,
  minRequests: 20,
  ejectForMs: 30_000,
  maxEjectForMs: 300_000,
  maxEjectedRatio: 0.5,
};
const next = createPassiveHealth(settings);
const healthyGroup = { servers: 4, available: 4, ejected: 0 };

function failed(record: Partial<FailureRecord>, group = healthyGroup): PassiveEvent {
  return { type: "failed", record: { failuresInARow: 1, requests: 1, failures: 1, ...record }, group };
}

const fatal = failed({ failuresInARow: 5 });

function ejectedFor(health: PassiveHealth, now: number): number {
  assert.equal(health.state, "ejected");
  return health.state === "ejected" ? health.untilAt - now : NaN;
}

test("failures in a row eject, one fewer does not", () => {
  const health = newPassiveHealth(0);
  assert.equal(next(health, failed({ failuresInARow: 4 }), 10), health);
  assert.deepEqual(next(health, fatal, 10), { state: "ejected", strikes: 1, untilAt: 30_010 });
});

test("a share of failures ejects, but only of enough requests", () => {
  const health = newPassiveHealth(0);
  assert.equal(next(health, failed({ requests: 19, failures: 15 }), 10), health);
  assert.equal(next(health, failed({ requests: 20, failures: 5 }), 10), health);
  assert.equal(next(health, failed({ requests: 20, failures: 6 }), 10).state, "ejected");
});

test("the last available server is never ejected", () => {
  const health = newPassiveHealth(0);
  assert.equal(
    next(health, failed({ failuresInARow: 99 }, { servers: 9, available: 1, ejected: 0 }), 10),
    health,
  );
});

test("no more than their share are ejected, but one always may be", () => {
  const health = newPassiveHealth(0);
  const stateAmong = (servers: number, ejected: number) =>
    next(health, failed({ failuresInARow: 5 }, { servers, available: servers - ejected, ejected }), 10).state;
  assert.deepEqual([stateAmong(4, 1), stateAmong(4, 2)], ["ejected", "serving"]);
  assert.deepEqual([stateAmong(3, 0), stateAmong(3, 1)], ["ejected", "serving"]);
  const never = createPassiveHealth({ ...settings, maxEjectedRatio: 0 });
  assert.equal(never(health, fatal, 10), health);
});

test("one trial decides, and not before its time", () => {
  const ejected = next(newPassiveHealth(0), fatal, 0);
  assert.equal(next(ejected, { type: "trial-begun" }, 29_999), ejected);
  const trial = next(ejected, { type: "trial-begun" }, 30_000);
  assert.equal(trial.state, "trial");
  assert.deepEqual(next(trial, { type: "trial-passed" }, 30_500), {
    state: "serving",
    strikes: 1,
    sinceAt: 30_500,
  });
  assert.equal(ejectedFor(next(trial, { type: "trial-failed" }, 30_500), 30_500), 60_000);
});

test("requests that began before do not decide a trial, and a lost trial is given again", () => {
  const trial = next(next(newPassiveHealth(0), fatal, 0), { type: "trial-begun" }, 30_000);
  assert.equal(next(trial, fatal, 30_100), trial);
  const lost = next(trial, { type: "trial-lost" }, 31_000);
  assert.equal(next(lost, { type: "trial-begun" }, 31_000).state, "trial");
});

test("each ejection is longer, up to the bound", () => {
  let [health, now] = [next(newPassiveHealth(0), fatal, 0), 0];
  const lengths = [ejectedFor(health, now)];
  for (let round = 0; round < 11; round++) {
    now += ejectedFor(health, now);
    health = next(next(health, { type: "trial-begun" }, now), { type: "trial-failed" }, now);
    lengths.push(ejectedFor(health, now));
  }
  const expected = Array.from({ length: 12 }, (_, round) => Math.min(300_000, 30_000 * (round + 1)));
  assert.deepEqual(lengths, expected);
});

test("good service makes up for old ejections, a step each `ejectFor`", () => {
  const struck: PassiveHealth = { state: "serving", strikes: 4, sinceAt: 0 };
  assert.equal(ejectedFor(next(struck, fatal, 1000), 1000), 150_000);
  assert.equal(ejectedFor(next(struck, fatal, 61_000), 61_000), 90_000);
  assert.equal(ejectedFor(next(struck, fatal, 999_000), 999_000), 30_000);
});

test("whatever happens to a group, one server stays, and no more than half are out", () => {
  const step = fc.record({
    server: fc.nat(),
    kind: fc.constantFrom("failed", "trial-begun", "trial-passed", "trial-failed", "trial-lost"),
    after: fc.integer({ min: 0, max: 60_000 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (servers, steps) => {
      const group = Array.from({ length: servers }, () => newPassiveHealth(0));
      let now = 0;
      for (const { server, kind, after } of steps) {
        now += after;
        const at = server % servers;
        const available = group.filter(({ state }) => state === "serving").length;
        const counts = { servers, available, ejected: servers - available };
        const event =
          kind === "failed" ? failed({ failuresInARow: 5 }, counts) : ({ type: kind } as PassiveEvent);
        group[at] = next(group[at]!, event, now);
        const left = group.filter(({ state }) => state === "serving").length;
        assert.ok(left >= 1 && servers - left <= Math.max(1, Math.floor(servers / 2)));
      }
    }),
    { numRuns: 200 },
  );
});
