import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/kit/free-port.ts";
import type { Child } from "../child.ts";
import type { LoadPlan } from "../load/load-plan.ts";
import { SMALL_BYTES } from "../paths.ts";
import { startPeer } from "../peers/peer.ts";
import type { Setting } from "../peers/peer.ts";
import { peers } from "../peers/peers.ts";
import { readTree } from "../process-tree.ts";
import { plainLoad, runLoad } from "../run-load.ts";
import { median } from "../statistics.ts";
import type { Curve, Point } from "./curve.ts";
import { startUpstream } from "../start-upstream.ts";

/** What is asked of Headgate at one number. */
export interface Growing {
  readonly name: string;
  readonly summary: string;
  readonly counts: readonly number[];
  readonly toSetting?: (count: number) => Partial<Setting>;
  readonly toPaths?: (count: number) => readonly string[];
  readonly toLoad?: (count: number) => Partial<LoadPlan>;
}

/** So many paths are asked for in turn, spread over all. */
const MOST_PATHS = 1000;

/** What grows with the configuration, or with the clients. */
export const growing: readonly Growing[] = [
  {
    name: "routes",
    summary: "CPU of a request, by the number of routes, asked for in turn",
    counts: [1, 10, 100, 1000, 10_000],
    toSetting: (count) => ({ routes: Array.from({ length: count }, (_, index) => `/route-${index}`) }),
    toPaths: (count) =>
      Array.from(
        { length: Math.min(count, MOST_PATHS) },
        (_, index) => `/route-${Math.floor((index * count) / Math.min(count, MOST_PATHS))}/small`,
      ),
  },
  {
    name: "servers",
    summary: "CPU of a request, by the number of servers",
    counts: [2, 10, 100, 1000, 10_000],
    toSetting: (count) => ({ servers: count }),
  },
  {
    name: "connections",
    summary: "CPU of a request, by the number of connections that take turns, 5,000 requests a second",
    counts: [10, 100, 1000, 9500], // with as many to the server, below the 20,000 files that many machines allow
    toLoad: (count) => ({ connections: count, requestsPerSecond: 5000 }),
  },
];

/** Measures Headgate at each number, all of them running at the same time and asked in rounds. */
export async function measureGrowing(
  { name, summary, counts, ...how }: Growing,
  rounds: number,
): Promise<Curve> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-growth-"));
  const upstream = await startUpstream(directory);
  try {
    const points: Point[] = [];
    for (const count of counts) points.push(await measureAt(count, { how, rounds, upstream, directory }));
    return { name, summary, unit: "µs", points };
  } finally {
    await upstream.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Means {
  readonly how: Pick<Growing, "toSetting" | "toPaths" | "toLoad">;
  readonly rounds: number;
  readonly upstream: Child;
  readonly directory: string;
}

async function measureAt(count: number, { how, rounds, upstream, directory }: Means): Promise<Point> {
  const place = { port: await freePort(), upstreamPort: upstream.port, directory };
  const plain = { routes: [], servers: 1, tls: undefined };
  const child = await startPeer(peers.headgate, { ...place, ...plain, ...how.toSetting?.(count) });
  try {
    const paths = how.toPaths?.(count) ?? ["/small"];
    const load = { ...plainLoad, ...how.toLoad?.(count) };
    const plan = { ...load, port: child.port, paths, expectedBytes: SMALL_BYTES };
    await runLoad(plan);
    const costs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = readTree(child.pid).cpuSeconds;
      const { requests, errors, firstError } = await runLoad(plan);
      if (errors > 0) throw new Error(`Cannot measure ${count}: ${firstError}`);
      costs.push(((readTree(child.pid).cpuSeconds - before) * 1e6) / requests);
    }
    return { count, cost: median(costs) };
  } finally {
    await child.stop();
  }
}
