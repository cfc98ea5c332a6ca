import process from "node:process";
import type { BenchCase, Limit, Row, Stage } from "./bench-case.ts";
import type { Child } from "./child.ts";
import type { LoadPlan, LoadReport } from "./load/load-plan.ts";
import type { BenchOptions } from "./options.ts";
import type { PeerName } from "./peers/peers.ts";
import { readTree } from "./process-tree.ts";
import { plainLoad, runLoad } from "./run-load.ts";
import { median } from "./statistics.ts";

/** A comparison of peers under one load. */
export interface LoadCase {
  readonly name: string;
  readonly summary: string;
  readonly peers: readonly PeerName[];
  readonly limits?: readonly Limit[];
  /** The requests; what is left out is as in `plainLoad`. */
  readonly load: Partial<LoadPlan> & Pick<LoadPlan, "paths" | "expectedBytes">;
  /** Whether p50 and p99 are measured too, at a fixed rate. */
  readonly hasFixedRate: boolean;
  readonly routes?: readonly string[];
  readonly servers?: number;
  readonly isTls?: boolean;
}

/** The fixed rate, as a share of what the first peer can do: everybody must be able to keep up. */
const FIXED_RATE_SHARE = 0.3;

/** Connections at a fixed rate: enough that none has to be waited for while all is well. */
const FIXED_RATE_CONNECTIONS = 64;

/** One peer in one round. */
interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly errors: number;
}

/** Makes a case that compares peers in rounds: A B C, A B C, …, so that what disturbs the machine disturbs all of them. */
export function loadCase(definition: LoadCase): BenchCase {
  const { limits = [], load, hasFixedRate, ...rest } = definition;
  return {
    ...rest,
    limits,
    async measure({ peers }: Stage, options: BenchOptions): Promise<readonly Row[]> {
      const isTls = definition.isTls ?? false;
      const plan = { ...plainLoad, ...load, isTls, seconds: options.seconds, port: 0 };
      const [first] = peers.values();
      await warmUp(peers, plan);
      const rate = hasFixedRate && first ? await chooseRate(first, plan) : 0;
      const samples = new Map<PeerName, Sample[]>([...peers.keys()].map((name) => [name, []]));
      for (let round = 0; round < options.rounds; round++) {
        for (const [name, child] of peers) samples.get(name)?.push(await takeSample(child, plan, rate));
      }
      return toRows(samples);
    },
  };
}

/** A program that was just started is not yet what it will be. */
async function warmUp(peers: Stage["peers"], plan: LoadPlan): Promise<void> {
  for (const { port } of peers.values())
    await runLoad({ ...plan, port, seconds: Math.min(1.5, plan.seconds) });
}

async function chooseRate({ port }: Child, plan: LoadPlan): Promise<number> {
  const { perSecond } = await runLoad({ ...plan, port, seconds: 1 });
  return Math.max(1, Math.round(perSecond * FIXED_RATE_SHARE));
}

async function takeSample({ pid, port }: Child, plan: LoadPlan, rate: number): Promise<Sample> {
  const before = readTree(pid);
  const full = await runLoad({ ...plan, port });
  const after = readTree(pid);
  const fixed = rate > 0 ? await runLoad(toFixedRate({ ...plan, port }, rate)) : undefined;
  return {
    cpuUs: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / full.requests,
    perSecond: full.perSecond,
    p50Ms: fixed?.p50Ms ?? Number.NaN,
    p99Ms: fixed?.p99Ms ?? Number.NaN,
    rssMb: after.rssBytes / 1e6,
    errors: complain(full) + (fixed ? complain(fixed) : 0),
  };
}

function toFixedRate(plan: LoadPlan, requestsPerSecond: number): LoadPlan {
  return { ...plan, requestsPerSecond, connections: FIXED_RATE_CONNECTIONS };
}

function complain({ errors, firstError }: LoadReport): number {
  if (errors > 0) process.stderr.write(`  ${errors} errors, the first: ${firstError}\n`);
  return errors;
}

function toRows(samples: ReadonlyMap<PeerName, readonly Sample[]>): Row[] {
  const [base = []] = samples.values();
  return [...samples].map(([peer, own]) => ({ peer, measures: toMeasures(own, base) }));
}

function toMeasures(own: readonly Sample[], base: readonly Sample[]): Row["measures"] {
  const middle = (measure: keyof Sample): number => median(own.map((sample) => sample[measure]));
  const ratios = (measure: keyof Sample): number[] =>
    own.map((sample, round) => sample[measure] / (base[round]?.[measure] ?? Number.NaN));
  const cpuRatios = ratios("cpuUs");
  return {
    cpuUs: middle("cpuUs"),
    cpuRatio: median(cpuRatios),
    cpuSpread: `${Math.min(...cpuRatios).toFixed(2)}–${Math.max(...cpuRatios).toFixed(2)}`,
    perSecond: middle("perSecond"),
    perSecondRatio: median(ratios("perSecond")),
    p50Ms: middle("p50Ms"),
    p50Ratio: median(ratios("p50Ms")),
    p99Ms: middle("p99Ms"),
    p99Ratio: median(ratios("p99Ms")),
    rssMb: Math.max(...own.map(({ rssMb }) => rssMb)),
    errors: own.reduce((total, { errors }) => total + errors, 0),
  };
}
