/**
 * What limits cost a request, one thread alone: `bun bench/guard.ts`, `deno run -A --no-check bench/guard.ts`.
 *
 * Then what a table full of debts does to one client's: how often a debt of the whole burst survives a flood of addresses.
 */
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { RateLaw } from "../src/board/rates.ts";
import { parseConfigValue } from "../src/config/load.ts";
import { createAdmission } from "../src/data/limits/admission.ts";
import { createSeals } from "../src/data/challenge/seals.ts";
import { Exchange } from "../src/data/exchange/exchange.ts";

const lag = { lagMs: () => 0 };
const seals = createSeals("a secret of the bench", Date.now);
const rounds = 300_000;
const startMs = Date.UTC(2026, 0, 1);
const clients = 131_072;

function openFresh() {
  return openBoard(createBoard({ capacity: 16, workers: 1, clients }, [17, 42]), 0);
}

function write(name: string, value: number, unit: string): void {
  process.stdout.write(`${name.padEnd(44)} ${value.toFixed(0).padStart(6)} ${unit}\n`);
}

function measure(name: string, run: (round: number) => void): void {
  for (const isWarm of [false, true]) {
    const began = performance.now();
    for (let round = 0; round < rounds; round++) run(round);
    if (isWarm) write(name, ((performance.now() - began) * 1e6) / rounds, "ns");
  }
}

const addresses = Array.from({ length: 1024 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);

function exchangeOf(client: string): Exchange {
  return new Exchange({
    request: new Request("http://site.test/path?query=1", {
      headers: { cookie: "a=b", "user-agent": "bench" },
    }),
    connection: undefined,
    listener: "web",
    peer: client,
    isPeerTrusted: false,
    client,
    scheme: "http",
    authority: { host: "site.test", port: 80 },
    written: "site.test",
    target: { path: "/path", matchPath: "/path", query: "?query=1" },
    refusal: undefined,
    requestId: "bench",
    startedAt: startMs,
    startedMs: 0,
  });
}

const exchanges = addresses.map(exchangeOf);

const cases: Record<string, object> = {
  "the defaults": {},
  "one rate": { rate: [{ key: "client-ip", rate: "1000000/s" }] },
  "three rates": {
    rate: ["client-ip", "route", "cookie:a"].map((key) => ({ key, rate: "1000000/s", burst: 1_000_000 })),
  },
  "a rate that refuses": { rate: [{ key: "client-ip", rate: "1/h" }] },
  "concurrency of client and total": { concurrency: { perClient: 10, total: 1000 } },
  "a ban that nobody has": { ban: {} },
  "all of these": {
    rate: [{ key: "client-ip", rate: "1000000/s" }],
    concurrency: { perClient: 10, total: 1000 },
    ban: {},
    body: "1MiB",
    exempt: ["192.0.2.0/24"],
  },
};

for (const [name, limits] of Object.entries(cases)) {
  const loaded = parseConfigValue({ limits, routes: [{ respond: { body: "ok" } }] });
  if (!("config" in loaded)) throw new Error("Cannot measure: the configuration is wrong");
  const board = openFresh();
  const rateSeed = [1, 2] as const;
  const tools = { board, lag, seals, rateSeed, random: () => 0, now: () => startMs, headerCapBytes: 16_384 };
  const admit = createAdmission(loaded.config, loaded.config.routes[0], tools);
  measure(name, (round) => {
    const exchange = exchanges[round & 1023] as Exchange;
    admit?.(exchange);
    exchange.runAtEnd();
  });
}

for (const [flood, each] of [
  [100_000, 1],
  [1_000_000, 1],
  [200_000, 10],
  [200_000, 99],
  [200_000, 100],
] as const) {
  write(`debts kept after ${flood} addresses, ${each} requests each`, keptRatio(flood, each) * 100, "%");
}

/** Which share of debts of a whole burst is still there after a flood. */
function keptRatio(flood: number, each: number): number {
  const board = openFresh();
  const law = new RateLaw(1, { burst: 100, count: 100, perMs: 3_600_000 });
  const debtors = addresses.slice(0, 200);
  for (const debtor of debtors) while (board.takeRate(law, debtor, startMs) > 0);
  for (let n = 0; n < flood; n++) {
    const address = `2001:db8:${n >> 16}:${n & 0xffff}::/64`;
    for (let request = 0; request < each; request++) board.takeRate(law, address, startMs);
  }
  return debtors.filter((debtor) => board.takeRate(law, debtor, startMs) < 0).length / debtors.length;
}
