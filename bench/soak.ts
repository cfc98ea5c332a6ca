/**
 * Whether Headgate stays what it was: hours of good, bad and spiteful traffic, then a look at memory and counters.
 *
 * `bun bench/soak.ts` (2 minutes), `bun bench/soak.ts 30` (minutes). The exit code is 1 where something does not hold.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createSeededRandom } from "../src/data/balance/simulate/seeded-random.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";
import { readTree } from "./process-tree.ts";
import { visitUntil } from "./soak/clients.ts";
import { startFaultyServer } from "./soak/faulty-server.ts";

/** Clients at a time. */
const CLIENTS = 24;

/** So much more memory at the end than in the middle is still flat, MB: heaps breathe. */
const FLAT_MB = 24;

const MB = 1024 * 1024;
const minutes = Number(process.argv[2] ?? 2);
const ports = { proxy: 19_811, admin: 19_812 };

process.exitCode = await main();

async function main(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-soak-"));
  const server = await startFaultyServer();
  const proxy = await startProxy(directory, server);
  try {
    const memory = await load(proxy, minutes * 60_000);
    const inflight = await settle();
    return report(memory, inflight);
  } finally {
    await proxy.stop();
    await rm(directory, { recursive: true });
  }
}

async function startProxy(directory: string, server: number): Promise<Child> {
  const file = join(directory, "config.yaml");
  const config = {
    workers: 2,
    listeners: { web: { bind: `127.0.0.1:${ports.proxy}` } },
    upstreams: {
      app: {
        servers: [`http://127.0.0.1:${server}`, { url: `http://localhost:${server}`, name: "twin" }],
        timeouts: { response: "1s", idle: "2s" },
        health: { passive: false },
      },
    },
    routes: [{ path: "/*", upstream: "app", compression: true }],
    limits: { rate: [{ key: "client-ip", rate: "400/s", burst: 400 }], concurrency: { perClient: 200 } },
    accessLog: { format: "off" },
    storage: "off",
    admin: { bind: `127.0.0.1:${ports.admin}` },
  };
  await writeFile(file, JSON.stringify(config));
  const command = [process.execPath, join(import.meta.dir, "../src/main.ts"), "run", "-c", file];
  return startChild({ name: "Headgate", command, port: ports.proxy });
}

/** Loads the proxy and gives its memory, every second, MB. */
async function load(proxy: Child, ms: number): Promise<readonly number[]> {
  const endsAt = performance.now() + ms;
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(readTree(proxy.pid).rssBytes / MB), 1_000);
  const visits = await Promise.all(
    Array.from({ length: CLIENTS }, (_, n) => visitUntil(endsAt, ports.proxy, createSeededRandom(n))),
  );
  clearInterval(watch);
  write(
    "visits",
    visits.reduce((sum, count) => sum + count, 0),
  );
  return memory;
}

/** Waits until nothing should be under way any more, and gives what still is. */
async function settle(): Promise<number> {
  for (let tries = 0; ; tries++) {
    const inflight = await countInflight();
    if (inflight === 0 || tries > 30) return inflight;
    await Bun.sleep(500);
  }
}

async function countInflight(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.admin}/api/status`);
  const { upstreams } = (await response.json()) as Status;
  return upstreams.flatMap(({ servers }) => servers).reduce((sum, { inflight }) => sum + inflight, 0);
}

interface Status {
  readonly upstreams: readonly { readonly servers: readonly { readonly inflight: number }[] }[];
}

function report(memory: readonly number[], inflight: number): number {
  const third = Math.floor(memory.length / 3);
  const [middle, end] = [median(memory.slice(third, -third)), median(memory.slice(-third))];
  write("memory in the middle, MB", middle);
  write("memory at the end, MB", end);
  write("under way at the end", inflight);
  const faults = [
    end - middle > FLAT_MB ? "memory grows" : "",
    inflight > 0 ? "something is under way for ever" : "",
  ].filter((fault) => fault !== "");
  process.stdout.write(`${faults.length === 0 ? "all holds" : faults.join("; ")}\n`);
  return faults.length === 0 ? 0 : 1;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function write(what: string, value: number): void {
  process.stdout.write(`${what.padEnd(26)} ${value.toFixed(0).padStart(8)}\n`);
}
