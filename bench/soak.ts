/**
 * Whether Headgate stays what it was: good, bad and spiteful traffic, reloads in between, then a look at memory, counters and
 * log. `bun run bench/soak.ts [MINUTES] [bun|deno]`, 2 minutes on Bun by default. The exit code is 1 where something does not hold.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createSeededRandom } from "../src/data/balance/simulate/seeded-random.ts";
import { freePort } from "../test/kit/free-port.ts";
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
/** A configuration is loaded anew so often, ms; what is under way goes on on the old one. */
const RELOAD_EVERY_MS = 10_000;

const minutes = Number(process.argv[2] ?? 2);
const isOnDeno = process.argv[3] === "deno";
const ports = { proxy: await freePort(), admin: await freePort() };

process.exit(await main()); // the server with its connections would stay

async function main(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-soak-"));
  const server = await startFaultyServer();
  const proxy = await startProxy(directory, server);
  try {
    const memory = await load(proxy, minutes * 60_000);
    const inflight = await settle();
    await proxy.stop();
    return report(memory, inflight, complaintsOf(await proxy.errorText));
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
  return startChild({ name: "Headgate", command: [...runtime(), "run", "-c", file], port: ports.proxy });
}

function runtime(): string[] {
  const pathTo = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const main = pathTo("../src/main.ts");
  if (!isOnDeno) return [process.execPath, main];
  // The package unpacks its program when it is first asked; only that program hears of signals.
  Bun.spawnSync([pathTo("../node_modules/.bin/deno"), "--version"]);
  return [
    pathTo("../node_modules/deno/deno"),
    "run",
    "-A",
    "--no-check",
    "--config",
    pathTo("../deno.json"),
    main,
  ];
}

/** The lines of a log that say that something went wrong in the proxy itself. */
function complaintsOf(log: string): readonly string[] {
  return log.split("\n").filter((line) => / error |unhandled|uncaught|panic/i.test(line));
}

/** Loads the proxy and gives its memory, every second, MB. */
async function load(proxy: Child, ms: number): Promise<readonly number[]> {
  const endsAt = performance.now() + ms;
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(readTree(proxy.pid).rssBytes / MB), 1_000);
  const reloads = setInterval(() => process.kill(proxy.pid, "SIGHUP"), RELOAD_EVERY_MS);
  const visits = await Promise.all(
    Array.from({ length: CLIENTS }, (_, n) => visitUntil(endsAt, ports.proxy, createSeededRandom(n))),
  );
  clearInterval(watch);
  clearInterval(reloads);
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

function report(memory: readonly number[], inflight: number, complaints: readonly string[]): number {
  const third = Math.floor(memory.length / 3);
  const [middle, end] = [median(memory.slice(third, -third)), median(memory.slice(-third))];
  write("memory in the middle, MB", middle);
  write("memory at the end, MB", end);
  write("under way at the end", inflight);
  write("complaints in the log", complaints.length);
  const faults = [
    end - middle > FLAT_MB ? "memory grows" : "",
    inflight > 0 ? "something is under way for ever" : "",
    ...complaints.slice(0, 5),
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
