/**
 * How long writing a minute of 1,000 servers holds the thread up, slice by slice: `bun run bench/storage.ts`, and the same on
 * Deno.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { readConfig } from "../src/control/read-config.ts";
import { createSnapshot } from "../src/control/reloader.ts";
import { createServerRows } from "../src/control/server-rows.ts";
import { Keeper } from "../src/control/storage/keeper.ts";
import { Storage } from "../src/control/storage/storage.ts";

const minuteMs = 60_000;
const minutes = 20;
const servers = Array.from({ length: 1000 }, (_, index) => ({ name: `s${index}`, url: `http://s${index}` }));

const clock = { now: Math.floor(Date.now() / minuteMs) * minuteMs };
const later: (() => void)[] = [];
const time = {
  now: () => clock.now,
  monotonicMs: () => clock.now,
  after(_delayMs: number, run: () => void) {
    later.push(run);
    return { stop: () => {} };
  },
  every: () => ({ stop: () => {} }),
};

const log = { info: () => {}, warn: () => {}, error: (message: string) => print(message) };
const directory = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const board = openBoard(createBoard({ capacity: 4 * servers.length, workers: 1 }), "control");
const storage = new Storage({ path: join(directory, "headgate.db"), log });
const keeper = new Keeper({ storage, board, time });
await begin();

const slices = Array.from({ length: minutes }, () => {
  for (let slot = 0; slot < 6; slot++) beBusy();
  const first = measure(() => keeper.tick(clock.now, () => undefined));
  const others: number[] = [];
  for (let run = later.shift(); run; run = later.shift()) others.push(measure(run));
  return [first, ...others];
}).flat();
const orders = Array.from({ length: 50 }, (_, weight) =>
  measure(() => keeper.keepOverride({ upstream: "app", server: "s1" }, { weight, setAt: 1 })),
);
print(`a slice of a minute: ${describe(slices)}`);
print(`an order of a person: ${describe(orders)}`);
rmSync(directory, { recursive: true });

async function begin(): Promise<void> {
  const value = {
    listeners: { web: { bind: ":0" } },
    upstreams: { app: { servers } },
    routes: [{ upstream: "app" }],
  };
  const read = await readConfig({ value }, { env: {}, lacks: new Set() });
  if ("problems" in read) throw new Error(read.problems.map(({ message }) => message).join("\n"));
  const rows = createServerRows(board);
  keeper.follow(createSnapshot(read, rows, { version: 1, stickySecret: "s" }));
}

/** Ten seconds of traffic on every server. */
function beBusy(): void {
  for (const row of servers.keys()) {
    board.recordAttempt(row, 200, clock.now);
    board.recordResponseTime(row, 1 + (row % 50), clock.now);
  }
  clock.now += 10_000;
}

function measure(run: () => unknown): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)} ms`;
  return `median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}, of ${times.length}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
