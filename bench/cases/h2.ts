import process from "node:process";
import type { BenchCase, Row, Stage } from "../bench-case.ts";
import type { Child } from "../child.ts";
import { runH2Load } from "../h2-load.ts";
import { readTree } from "../process-tree.ts";
import { median } from "../statistics.ts";

interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly errors: number;
}

/** HTTP/2 as browsers speak it. Its clients are `h2load`'s, since ours speak HTTP/1.1 only. */
export const h2: BenchCase = {
  name: "tls-h2",
  summary: "130 bytes over 16 connections with TLS and HTTP/2, 4 requests at a time on each",
  peers: ["bare-bun", "headgate", "nginx", "haproxy", "caddy"],
  limits: [],
  isTls: true,
  async measure({ peers }: Stage, { rounds, seconds }): Promise<readonly Row[]> {
    const samples = [...peers].map(([peer, child]) => ({ peer, child, own: [] as Sample[] }));
    for (const { child } of samples) await takeSample(child, Math.min(1, seconds));
    for (let round = 0; round < rounds; round++) {
      for (const { child, own } of samples) own.push(await takeSample(child, seconds));
    }
    const base = samples[0]?.own ?? [];
    return samples.map(({ peer, own }) => ({ peer, measures: toMeasures(own, base) }));
  },
};

async function takeSample({ pid, port }: Child, seconds: number): Promise<Sample> {
  const before = readTree(pid).cpuSeconds;
  const { requests, errors } = await runH2Load({ port, path: "/small", seconds });
  if (errors > 0) process.stderr.write(`  ${errors} errors\n`);
  const cpuUs = ((readTree(pid).cpuSeconds - before) * 1e6) / requests;
  return { cpuUs, perSecond: requests / Math.ceil(seconds), errors };
}

function toMeasures(own: readonly Sample[], base: readonly Sample[]): Row["measures"] {
  const ratios = own.map(({ cpuUs }, round) => cpuUs / (base[round]?.cpuUs ?? Number.NaN));
  return {
    cpuUs: median(own.map(({ cpuUs }) => cpuUs)),
    cpuRatio: median(ratios),
    cpuSpread: `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
    perSecond: median(own.map(({ perSecond }) => perSecond)),
    errors: own.reduce((total, { errors }) => total + errors, 0),
  };
}
