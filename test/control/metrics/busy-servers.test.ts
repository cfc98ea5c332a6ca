import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { createBoard, openBoard } from "../../../src/board/board.ts";
import { describeStatus } from "../../../src/control/admin/status.ts";
import { Overrides } from "../../../src/control/servers/overrides.ts";
import { collectMetrics } from "../../../src/control/metrics/collect.ts";
import { tellInTurns } from "../../../src/control/metrics/in-turns.ts";
import { writeMetrics } from "../../../src/control/metrics/text.ts";
import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { createSnapshot } from "../../../src/control/configuration/reloader.ts";
import { createServerRows } from "../../../src/control/servers/server-rows.ts";
import { parseMetrics, sumOf } from "./parse-metrics.ts";

const count = 1_000;
const slotMs = 10_000;
const slots = 30;

/** A thousand servers that were busy for the past five minutes: no slot of their windows is empty. */
async function createBusySource() {
  const servers = Array.from({ length: count }, (_, i) => ({
    name: `s${i}`,
    url: `http://127.0.0.1:${10_000 + i}`,
  }));
  const value = {
    listeners: { web: { bind: ":0" } },
    upstreams: { app: { servers } },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
  const read = await readConfig({ value }, { env: {}, lacks: new Set() });
  assert.ok("config" in read);
  const memory = createBoard({ capacity: 2 * count, workers: 2 });
  const [board, worker] = [openBoard(memory, "control"), openBoard(memory, 0)];
  const rows = createServerRows(board);
  const snapshot = createSnapshot(read, rows, { version: 1, stickySecret: "s" });
  const nowMs = Date.now();
  rows.settle(read.config, nowMs);
  for (const row of Object.values(snapshot.rows["app"] ?? {})) {
    for (let slot = 0; slot < slots; slot++) {
      worker.recordAttempt(row, 200, nowMs - slot * slotMs);
      worker.recordResponseTime(row, 1 + slot, nowMs - slot * slotMs);
    }
    worker.tally(worker.tallyOf(1, row), { status: 200, durationMs: 5, bytesIn: 0, bytesOut: 2 });
  }
  return {
    version: "0",
    runtime: { name: "bun", version: "0" },
    uptimeMs: 0,
    isReady: true,
    running: { read, snapshot, loadedAt: 0 },
    problems: [],
    reloads: { succeeded: 0, failed: 0, problems: [] },
    workerCount: 2,
    board,
    health: { healthOf: () => undefined },
    discovery: { statusOf: () => undefined },
    overrides: new Overrides(),
    storage: { path: null, state: "off", error: null } as const,
    cluster: null,
    spans: undefined,
    nowMs,
  };
}

/** The least of several: what a loaded machine adds is none of ours. */
function cpuMsOf(run: () => unknown): number {
  const all = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...all);
}

test("a thousand busy servers are told of in under 200 ms, percentiles and all", async () => {
  const source = await createBusySource();
  const samples = parseMetrics(writeMetrics(collectMetrics(source)));
  const p50s = samples.filter(
    ({ name, labels }) => name === "headgate_server_response_time_seconds" && labels["quantile"] === "0.5",
  );
  assert.equal(p50s.length, count);
  assert.ok(p50s.every(({ value }) => Math.abs(value - 0.015) < 0.015 * 0.02));
  assert.equal(sumOf(samples, "headgate_requests_total"), count);
  const metricsMs = cpuMsOf(() => writeMetrics(collectMetrics(source)));
  assert.ok(metricsMs < 200, `/metrics took ${metricsMs} ms`);
  const statusMs = cpuMsOf(() => JSON.stringify(describeStatus(source)));
  assert.ok(statusMs < 200, `the status took ${statusMs} ms`);
});

test("with one worker, requests have their turn while a thousand servers are told of", async () => {
  const source = await createBusySource();
  let turns = 0;
  const rest = async (): Promise<void> => void turns++;
  const text = await tellInTurns(source, rest);
  assert.ok(turns > count / 50 + text.length / 100_000, `${turns} turns`);
  const withoutTime = (of: string) => of.replaceAll(/^process_.*$/gm, "");
  assert.equal(withoutTime(text), withoutTime(writeMetrics(collectMetrics(source))));
});
