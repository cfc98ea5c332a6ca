import assert from "node:assert/strict";
import { test } from "node:test";
import type { Told } from "../../../src/control/health/server-health.ts";
import { newServerHealth } from "../../../src/control/health/server-health.ts";
import { believed } from "../../../src/control/health/told.ts";
import type { Watched } from "../../../src/control/health/watched.ts";

const now = 1_700_000_000_000;

interface Model {
  readonly servers: number;
  readonly told: Readonly<Record<number, Told>>;
  /** Rows with traffic of our own. */
  readonly used?: readonly number[];
  /** Rows that a probe of ours has judged. */
  readonly probed?: readonly number[];
  readonly maxEjected?: number;
}

function rowsBelieved({ servers, told, used = [], probed = [], maxEjected = 0.5 }: Model): number[] {
  const group = Array.from({ length: servers }, (_, row) => {
    const fresh = newServerHealth(now);
    const health = probed.includes(row) ? { ...fresh, active: { state: "up", failures: 0 } } : fresh;
    return {
      row,
      upstream: "app",
      health,
      config: { health: { passive: { maxEjected } } },
    } as unknown as Watched;
  });
  const recent = (row: number) => ({ requests: Number(used.includes(row)), failures: 0, retries: 0 });
  const found = new Map(Object.entries(told).map(([row, state]) => [Number(row), state]));
  return [...believed(group, { found, board: { recent }, now }).keys()];
}

test("what others found counts for servers that nothing is known of", () => {
  assert.deepEqual(rowsBelieved({ servers: 4, told: { 1: "down", 2: "ejected" } }), [1, 2]);
});

test("what a node knows by its own traffic or probes counts before what others found", () => {
  assert.deepEqual(
    rowsBelieved({ servers: 4, told: { 1: "down", 2: "ejected" }, used: [1], probed: [2] }),
    [],
  );
});

test("who would take out most of an upstream is not believed", () => {
  assert.deepEqual(rowsBelieved({ servers: 4, told: { 0: "down", 1: "down", 2: "down" } }), []);
  assert.deepEqual(
    rowsBelieved({ servers: 4, told: { 0: "down", 1: "down", 2: "down" }, maxEjected: 0.75 }),
    [0, 1, 2],
  );
});

test("the last server is never taken out by what others found", () => {
  assert.deepEqual(rowsBelieved({ servers: 1, told: { 0: "down" }, maxEjected: 1 }), []);
  assert.deepEqual(rowsBelieved({ servers: 2, told: { 0: "down", 1: "down" }, maxEjected: 1 }), []);
});

test("where traffic ejects nobody, what others found ejects nobody either", () => {
  assert.deepEqual(rowsBelieved({ servers: 4, told: { 0: "ejected" }, maxEjected: 0 }), []);
});
