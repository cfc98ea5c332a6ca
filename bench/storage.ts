/**
 * How long writing a minute of 1,000 servers holds the thread up, slice by slice: `bun run bench/storage.ts`, and the same on
 * Deno.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { readConfig } from "../src/control/configuration/read-config.ts";
import { createSnapshot } from "../src/control/configuration/reloader.ts";
import { createServerRows } from "../src/control/servers/server-rows.ts";
import { Keeper } from "../src/control/storage/keeper.ts";
import { Storage } from "../src/control/storage/storage.ts";

const minuteMs = 60_000;
const minutes = 20;
/** 25 servers each, and the upstream with everything. */
const slicesAMinute = 41;
const servers = Array.from({ length: 1000 }, (_, index) => ({ name: `s${index}`, url: `http://s${index}` }));

const clock = { now: Math.floor(Date.now() / minuteMs) * minuteMs };
const runs: number[] = [];
const time = {
  now: () => clock.now,
  monotonicMs: () => clock.now,
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(() => void runs.push(measure(run)), delayMs);
    return { stop: () => clearTimeout(timer) };
  },
  every: () => ({ stop: () => {} }),
};

const log = { info: () => {}, warn: () => {}, error: (message: string) => print(message) };
const directory = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const board = openBoard(createBoard({ capacity: 4 * servers.length, workers: 1 }), "control");
const storage = new Storage({ path: join(directory, "headgate.db"), log });
const keeper = new Keeper({ storage, board, time });
await begin();

const held: number[] = [];
const heldUp: number[] = [];
const stopBeating = beat();
for (let minute = 1; minute <= minutes; minute++) {
  for (let slot = 0; slot < 6; slot++) beBusy();
  await rest();
  heldUp.length = 0;
  runs.push(measure(() => keeper.tick(clock.now, () => undefined)));
  while (runs.length < minute * slicesAMinute) await rest();
  await storage.settle();
  held.push(...heldUp.splice(0));
}
const untilMs = performance.now() + held.reduce((sum, ms) => sum + ms, 0);
heldUp.length = 0;
while (performance.now() < untilMs) await rest();
stopBeating();
const orders = Array.from({ length: 50 }, (_, weight) =>
  measure(() => keeper.keepOverride({ upstream: "app", server: "s1" }, { weight, setAt: 1 })),
);
print(`a slice of a minute: ${describe(runs)}`);
print(`the thread while minutes are written: ${describeHeld(held)}`);
print(`as long without writing: ${describeHeld(heldUp)}`);
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

/** Notes how long the thread does not come back to its queue. */
function beat(): () => void {
  let lastMs = performance.now();
  let isOver = false;
  const again = (): void => {
    const nowMs = performance.now();
    heldUp.push(nowMs - lastMs);
    lastMs = nowMs;
    if (!isOver) setImmediate(again);
  };
  setImmediate(again);
  return () => void (isOver = true);
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function measure(run: () => unknown): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

/** Whatever else runs on the machine holds it up too. */
function describeHeld(times: readonly number[]): string {
  const over = (limitMs: number) => `${times.filter((ms) => ms > limitMs).length} times over ${limitMs} ms`;
  return `${over(10)}, ${over(30)}, longest ${Math.max(0, ...times.filter((ms) => ms > 1)).toFixed(1)} ms`;
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)} ms`;
  return `median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}, of ${times.length}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
