/**
 * What a rate costs that several nodes share, asked of the store for each request or held as a lease:
 * `bun run bench/cluster-limits.ts`, and the same on Deno. Needs `redis-server`.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { KeyedHash } from "../src/board/keyed-hash.ts";
import { RateLaw } from "../src/board/rates.ts";
import { RateLeases } from "../src/control/cluster/rate-leases.ts";
import { createScript } from "../src/control/cluster/script.ts";
import { Store } from "../src/control/cluster/store.ts";
import { systemTime } from "../src/runtime/time.ts";

/** GCRA for one request, as it would stand in the way of each. */
const gcra = createScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1e6 + tonumber(time[2])
local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
if paid - now > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', paid), 'PX', math.ceil((paid - now) / 1000))
return 1`);

const law = new RateLaw(1, { burst: 1_000_000, count: 1_000_000, perMs: 1000 });
const port = await freePort();
const redis = spawn("redis-server", ["--port", String(port), "--save", ""], { stdio: "ignore" });
const store = new Store({
  url: `redis://127.0.0.1:${port}`,
  tls: { ca: "", cert: "", key: "" },
  timeoutMs: 5_000,
  time: systemTime,
});

try {
  await wait(1_000);
  await askEachTime();
  await holdLeases();
  await whileStoreHangs();
} finally {
  store.close();
  signal("SIGKILL");
}

async function askEachTime(): Promise<void> {
  for (const atOnce of [1, 64]) {
    const times: number[] = [];
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: atOnce }, () => askInTurn(4_000 / atOnce, times)));
    const seconds = (performance.now() - startedMs) / 1000;
    print(`asked each time, ${atOnce} at once: ${describe(times)}, ${perSecond(times.length / seconds)}`);
  }
}

async function askInTurn(times: number, taken: number[]): Promise<void> {
  for (let n = 0; n < times; n++) {
    const beganMs = performance.now();
    await store.run(gcra, [`bench:${n % 100}`], [String(law.intervalUs), String(law.burstUs)]);
    taken.push(performance.now() - beganMs);
  }
}

async function holdLeases(): Promise<void> {
  const board = openBoard(createBoard({ capacity: 1, workers: 1, clients: 131_072 }, [1, 2]), "control");
  const leases = new RateLeases({
    board,
    node: "a",
    prefix: "bench:rate:",
    intervalMs: 1,
    termMs: 3_000,
    time: systemTime,
  });
  leases.follow(new Map([[law.scope, law]]));
  leases.share(2);
  const hash = new KeyedHash([3, 4]);
  const names = Array.from({ length: 1_000 }, (_, n) => `192.0.2.${n}`);
  const rounds = 1_000;
  const startedMs = performance.now();
  for (let n = 0; n < rounds * names.length; n++)
    board.takeShared(law, hash.text(law.scope, names[n % names.length] as string), Date.now());
  const eachMs = (performance.now() - startedMs) / rounds / names.length;
  print(`held as a lease: ${(eachMs * 1000).toFixed(2)} µs, ${perSecond(1000 / eachMs)}`);
  const renewals: number[] = [];
  for (let n = 0; n < 50; n++) {
    for (const name of names) board.takeShared(law, hash.text(law.scope, name), Date.now());
    const beganMs = performance.now();
    await leases.renew(store);
    renewals.push(performance.now() - beganMs);
  }
  print(`1,000 leases renewed: ${describe(renewals)}`);
  print(`the store spent on them: ${await storeTime()}`);
}

async function whileStoreHangs(): Promise<void> {
  signal("SIGSTOP");
  const beganMs = performance.now();
  const reason = await store.run(gcra, ["bench"], ["1", "1"]).then(() => "an answer", String);
  print(`asked while the store hangs: ${((performance.now() - beganMs) / 1000).toFixed(1)} s, ${reason}`);
}

/** Deno's `kill` of a child works once. */
function signal(name: NodeJS.Signals): void {
  if (redis.pid !== undefined) process.kill(redis.pid, name);
}

async function storeTime(): Promise<string> {
  const stats = createScript("return redis.call('INFO', 'commandstats')");
  const text = String(await store.run(stats, [], []));
  const found = [...text.matchAll(/cmdstat_evalsha:calls=(\d+),usec=(\d+)/g)][0];
  return found ? `${found[1]} calls of scripts took ${(Number(found[2]) / 1000).toFixed(0)} ms in all` : "?";
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function perSecond(count: number): string {
  return `${Math.round(count).toLocaleString("en")} a second`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void systemTime.after(ms, resolve));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
