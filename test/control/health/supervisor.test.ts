import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, openBoard } from "../../../src/board/board.ts";
import type { Board } from "../../../src/board/board.ts";
import { HealthSupervisor } from "../../../src/control/health/supervisor.ts";
import { createLog } from "../../../src/control/log.ts";
import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { createSnapshot } from "../../../src/control/configuration/reloader.ts";
import { createServerRows } from "../../../src/control/servers/server-rows.ts";
import { host } from "../../../src/runtime/current.ts";
import type { Host } from "../../../src/runtime/host.ts";
import type { Snapshot } from "../../../src/data/snapshot.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { startCounting } from "../../resilience/counting-server.ts";

/** A supervisor of one upstream, without a data plane. */
async function supervise(
  t: Teardown,
  upstream: object,
  runtime: Partial<Host> = {},
): Promise<{ supervisor: HealthSupervisor; board: Board; next: () => Snapshot }> {
  const value = {
    listeners: { web: { bind: "127.0.0.1:0" } },
    upstreams: { app: upstream },
    routes: [{ path: "/*", upstream: "app" }],
  };
  const read = await readConfig({ value }, { env: {}, lacks: host.lacks });
  assert.ok(!("problems" in read));
  const board = openBoard(createBoard({ capacity: 8, workers: 1 }), "control");
  const rows = createServerRows(board);
  const snapshot = createSnapshot(read, rows, { version: 1, stickySecret: "s" });
  rows.settle(read.config, host.time.now());
  const log = createLog({ write: () => {}, now: host.time.now });
  const supervisor = new HealthSupervisor({ host: { ...host, ...runtime }, board, log });
  supervisor.apply(snapshot);
  t.after(() => supervisor.stop());
  const next = (): Snapshot => createSnapshot(read, rows, { version: 2, stickySecret: "s" });
  return { supervisor, board, next };
}

describe("the health supervisor", () => {
  test("asks at once, and then earlier or later than the interval by 10 % at the most", async (t) => {
    const server = await startCounting(t);
    const delays: number[] = [];
    const chances = [0, 0.5, 0.999, 0.25];
    const time = {
      ...host.time,
      after(delayMs: number, run: () => void) {
        const isProbe = delayMs !== 777; // the probe's own time limit
        if (isProbe) delays.push(delayMs);
        return host.time.after(isProbe ? 0 : 4_000, run);
      },
    };
    const random = (): number => chances[delays.length % chances.length] ?? 0;
    const active = { interval: "10s", timeout: "777ms" };
    await supervise(t, { servers: [server.url], health: { active } }, { time, random });
    await eventually(() => delays.length > 8);
    const [first, ...rest] = delays;
    assert.equal(first, 0);
    assert.ok(
      rest.every((delayMs) => delayMs >= 9_000 && delayMs <= 11_000),
      rest.join(" "),
    );
    assert.ok(Math.max(...rest) - Math.min(...rest) > 1_900, rest.join(" "));
  });

  test("gives a trial that nobody came back from to somebody else", async (t) => {
    let nowMs = host.time.now();
    const time = { ...host.time, now: () => nowMs };
    const servers = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
    const passive = { failures: 1, ejectFor: "10s" };
    const { supervisor, board } = await supervise(t, { servers, health: { passive } }, { time });
    board.recordFailure(0, nowMs);
    supervisor.hear({ type: "failing", row: 0, failuresInARow: 1 });
    assert.deepEqual([board.state(0), board.trialInMs(0, nowMs)], ["ejected", 10_000]);

    nowMs += 10_000;
    assert.ok(board.claimTrial(0)); // and the worker dies before it says so
    supervisor.tick();
    assert.equal(board.trialInMs(0, nowMs), Infinity);
    nowMs += 10_000;
    supervisor.tick();
    assert.ok(board.trialInMs(0, nowMs) <= 0);

    assert.ok(board.claimTrial(0));
    supervisor.hear({ type: "trial", row: 0, outcome: "begun" });
    nowMs += 41_000; // connect, response and some slack
    supervisor.tick();
    assert.equal(board.trialInMs(0, nowMs), Infinity);
    nowMs += 1_000;
    supervisor.tick();
    assert.ok(board.trialInMs(0, nowMs) <= 0);

    assert.ok(board.claimTrial(0));
    supervisor.hear({ type: "trial", row: 0, outcome: "begun" });
    supervisor.hear({ type: "trial", row: 0, outcome: "passed" });
    assert.equal(board.state(0), "up");
  });
});

test("a snapshot that comes more often than probes fall due does not keep them from being made", async (t) => {
  const server = await startCounting(t);
  const { supervisor, next } = await supervise(t, {
    servers: [server.url],
    health: { active: { interval: "100ms" } },
  });
  const endsAt = performance.now() + 1_000;
  while (performance.now() < endsAt) {
    supervisor.apply(next());
    await pause(20);
  }
  assert.ok(server.count() >= 5, `${server.count()} probes`);
});
