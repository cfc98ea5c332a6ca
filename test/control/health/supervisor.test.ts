import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, openBoard } from "../../../src/board/board.ts";
import { HealthSupervisor } from "../../../src/control/health/supervisor.ts";
import { createLog } from "../../../src/control/log.ts";
import { readConfig } from "../../../src/control/read-config.ts";
import { createSnapshot } from "../../../src/control/reloader.ts";
import { createServerRows } from "../../../src/control/server-rows.ts";
import { host } from "../../../src/runtime/current.ts";
import { eventually } from "../../kit/eventually.ts";
import { startCounting } from "../../resilience/counting-server.ts";

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
    const value = {
      listeners: { web: { bind: "127.0.0.1:0" } },
      upstreams: {
        app: { servers: [server.url], health: { active: { interval: "10s", timeout: "777ms" } } },
      },
      routes: [{ path: "/*", upstream: "app" }],
    };
    const read = await readConfig({ value }, { env: {}, lacks: host.lacks });
    assert.ok(!("problems" in read));
    const board = openBoard(createBoard({ capacity: 8, workers: 1 }), "control");
    const snapshot = createSnapshot(read, createServerRows(board), { version: 1, stickySecret: "s" });
    const log = createLog({ write: () => {}, now: host.time.now });
    const supervisor = new HealthSupervisor({ host: { ...host, time, random }, board, log });
    supervisor.apply(snapshot);
    await eventually(() => delays.length > 8);
    supervisor.stop();
    const [first, ...rest] = delays;
    assert.equal(first, 0);
    assert.ok(
      rest.every((delayMs) => delayMs >= 9_000 && delayMs <= 11_000),
      rest.join(" "),
    );
    assert.ok(Math.max(...rest) - Math.min(...rest) > 1_900, rest.join(" "));
  });
});
