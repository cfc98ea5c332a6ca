/**
 * What the figures of docs/cores.md are: `bun run bench/cores.ts [workers] [nodes] [--rounds N] [--seconds N]`, both
 * by default. Prints tables in Markdown; ratios are taken within a round, in which each is measured once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { freePort } from "../test/kit/free-port.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";
import { type Setting, startSubject, type Subject } from "./cores/headgates.ts";
import { SMALL_BYTES } from "./paths.ts";
import { readTree } from "./process-tree.ts";
import { plainLoad, runLoad } from "./run-load.ts";
import { median } from "./statistics.ts";
import { startUpstream } from "./start-upstream.ts";

const settings: readonly Setting[] = [
  { name: "1 process, 1 worker" },
  { name: "1 process, 2 workers", workers: 2 },
  { name: "1 process, 4 workers", workers: 4 },
  { name: "2 processes, 1 worker each", processes: 2 },
];

const nodeCounts = [1, 2, 4, 8];

/** How long a cluster is watched. */
const watchSeconds = 10;

const measures: Readonly<Record<string, (server: number, directory: string) => Promise<void>>> = {
  workers: measureWorkers,
  nodes: measureNodes,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "1" } },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];

const ends: (() => unknown)[] = [];
try {
  await main();
} finally {
  for (const end of ends.toReversed()) await end();
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-cores-"));
  ends.push(() => rm(directory, { recursive: true }));
  const server = await startUpstream(directory);
  ends.push(() => server.stop());
  for (const name of positionals.length > 0 ? positionals : Object.keys(measures)) {
    const measure = measures[name];
    if (measure === undefined) throw new Error(`Cannot measure "${name}": there is no such table`);
    await measure(server.port, directory);
  }
}

/** One subject in one round. */
interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly rssMb: number;
}

async function measureWorkers(server: number, directory: string): Promise<void> {
  const subjects: Subject[] = [];
  for (const setting of settings) subjects.push(await startSubject(setting, server, directory));
  const samples = await takeRounds(subjects);
  await stop(subjects);
  print("\n## workers\n\n| | CPU µs a request | ratio | requests/s | ratio | RSS MB |");
  print("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const [index, own] of samples.entries())
    print(toRow(settings[index]?.name ?? "", own, samples[0] ?? []));
}

/** A B C, A B C, …; the first round warms them up. */
async function takeRounds(subjects: readonly Subject[]): Promise<readonly (readonly Sample[])[]> {
  const samples = subjects.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, subject] of subjects.entries()) samples[index]?.push(await takeSample(subject));
  }
  return samples.map((own) => own.slice(1));
}

/** Several processes share the connections of one load. */
async function takeSample({ processes }: Subject): Promise<Sample> {
  const connections = 64 / processes.length;
  const before = usageOf(processes);
  const reports = await Promise.all(
    processes.map(({ port }) =>
      runLoad({ ...plainLoad, port, paths: ["/small"], expectedBytes: SMALL_BYTES, connections, seconds }),
    ),
  );
  const after = usageOf(processes);
  const errors = reports.flatMap(({ firstError }) => (firstError === "" ? [] : [firstError]));
  if (errors.length > 0) throw new Error(`Cannot measure: ${errors.join("; ")}`);
  return {
    cpuUs: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / total(reports.map(({ requests }) => requests)),
    perSecond: total(reports.map(({ perSecond }) => perSecond)),
    rssMb: after.rssBytes / 1e6,
  };
}

function toRow(name: string, own: readonly Sample[], base: readonly Sample[]): string {
  const middle = (measure: keyof Sample): number => median(own.map((sample) => sample[measure]));
  const ratio = (measure: keyof Sample): number =>
    median(own.map((sample, round) => sample[measure] / (base[round]?.[measure] ?? Number.NaN)));
  const cells = [
    name,
    middle("cpuUs").toFixed(0),
    ratio("cpuUs").toFixed(2),
    middle("perSecond").toFixed(0),
    ratio("perSecond").toFixed(2),
    middle("rssMb").toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** What belonging to a cluster costs while nothing else happens: nodes of 20 servers, with a store of their own. */
async function measureNodes(server: number, directory: string): Promise<void> {
  print(
    "\n## nodes\n\n| | CPU ms a second and node | commands a second and node | bytes a second and node |",
  );
  print("| --- | ---: | ---: | ---: |");
  for (const nodes of [0, ...nodeCounts]) {
    const port = await freePort();
    const command = ["redis-server", "--port", String(port), "--save", "", "--bind", "127.0.0.1"];
    const store = await startChild({ name: "the store", command, port });
    const cluster = nodes === 0 ? {} : { store: `redis://127.0.0.1:${port}/0` };
    const setting = { name: `nodes ${nodes}`, processes: Math.max(1, nodes), servers: 20, ...cluster };
    const subject = await startSubject(setting, server, directory);
    print(await watchNodes(nodes, subject, port));
    await stop([subject]);
    await store.stop();
  }
}

async function watchNodes(nodes: number, { processes }: Subject, store: number): Promise<string> {
  await Bun.sleep(3_000); // until all of them know each other
  const [usage, traffic] = [usageOf(processes), await trafficOf(store)];
  await Bun.sleep(watchSeconds * 1_000);
  const [usageAfter, trafficAfter] = [usageOf(processes), await trafficOf(store)];
  const each = (amount: number): string => (amount / watchSeconds / processes.length).toFixed(1);
  const cells = [
    nodes === 0 ? "1 without a cluster" : String(nodes),
    each((usageAfter.cpuSeconds - usage.cpuSeconds) * 1_000),
    each(trafficAfter.commands - traffic.commands - 1),
    each(trafficAfter.bytes - traffic.bytes),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** What the store has done so far. */
async function trafficOf(port: number): Promise<{ commands: number; bytes: number }> {
  const text = await Bun.$`redis-cli -p ${port} info stats`.text();
  const field = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(text)?.[1]);
  const bytes = field("total_net_input_bytes") + field("total_net_output_bytes");
  return { commands: field("total_commands_processed"), bytes };
}

function usageOf(processes: readonly Child[]): { cpuSeconds: number; rssBytes: number } {
  const trees = processes.map(({ pid }) => readTree(pid));
  return {
    cpuSeconds: total(trees.map(({ cpuSeconds }) => cpuSeconds)),
    rssBytes: total(trees.map(({ rssBytes }) => rssBytes)),
  };
}

async function stop(subjects: readonly Subject[]): Promise<void> {
  for (const { processes } of subjects) await Promise.all(processes.map((child) => child.stop()));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
