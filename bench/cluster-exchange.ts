/**
 * What it costs a node to tell of many busy servers and to hear of them, once an interval:
 * `bun run bench/cluster-exchange.ts`, and the same on Deno.
 */
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import type { Config } from "../src/config/config.ts";
import type { HeardReport } from "../src/control/cluster/report-script.ts";
import { SharedLoad } from "../src/control/cluster/shared-load.ts";
import { systemTime } from "../src/runtime/time.ts";

const rounds = 30;

for (const servers of [100, 1_000, 5_000]) {
  for (const others of [1, 4]) measure(servers, others);
}

function measure(servers: number, others: number): void {
  const board = openBoard(createBoard({ capacity: servers, workers: 1 }), 0);
  const load = new SharedLoad({ board, time: systemTime, intervalMs: 1_000 });
  load.follow(snapshotOf(servers));
  for (let row = 0; row < servers; row++) for (let n = 0; n <= row % 7; n++) board.begin(row);
  let [looking, saying, hearing, bytes] = [0, 0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    looking += timeOf(() => load.tick());
    let report = "";
    saying += timeOf(() => void (report = load.report()));
    bytes = report.length;
    const heard = Array.from({ length: others }, (_, n): HeardReport => {
      return { node: `n${n}`, ageMs: 0, writtenAt: String(round), instance: "i", report };
    });
    hearing += timeOf(() => void load.hear(heard));
  }
  const ms = (sum: number): string => `${(sum / rounds).toFixed(2)} ms`;
  print(
    `${servers} servers, ${others} other nodes: a look ${ms(looking)} (8 an interval), a report ${ms(saying)} and ${bytes} bytes, hearing ${ms(hearing)}`,
  );
}

function snapshotOf(servers: number) {
  const names = Array.from({ length: servers }, (_, n) => `server-${n}`);
  const listed = names.map((name) => ({ name, url: `http://${name}:80` }));
  const config = { upstreams: { app: { servers: listed } } } as unknown as Config;
  return { config, rows: { app: Object.fromEntries(names.map((name, row) => [name, row])) } };
}

function timeOf(run: () => void): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
