import type { BenchCase } from "../bench-case.ts";
import type { Child } from "../child.ts";
import type { LoadPlan, LoadReport } from "../load/load-plan.ts";
import { ROUTE_PATHS, SMALL_BYTES } from "../paths.ts";
import { readTree } from "../process-tree.ts";
import { plainLoad, runLoad } from "../run-load.ts";
import { median } from "../statistics.ts";

const [FREE_PATH = ""] = ROUTE_PATHS;

/** Below this share of refusals, it is not refusing that was measured. */
const LEAST_REFUSED = 0.95;

/** From the addresses of a flood: what costs less than proxying cannot be used to wear the proxy out. */
const asked = {
  ...plainLoad,
  expectedBytes: SMALL_BYTES,
  clients: { prefix: "198.18", count: 1000 },
};

/** What it costs to say no. */
export const refuse: BenchCase = {
  name: "refuse",
  summary:
    "429 for 1,000 clients over 32 keep-alive connections, beside 130 bytes proxied under a limit that lets all pass",
  peers: ["headgate-limits"],
  limits: [{ peer: "headgate-limits", measure: "refusalCpuRatio", most: 0.5 }],
  routes: [FREE_PATH.slice(0, FREE_PATH.lastIndexOf("/"))],
  async measure({ peers }, { rounds, seconds }) {
    const [[peer, child]] = [...peers] as [["headgate-limits", Child]];
    const proxied = { ...asked, paths: [FREE_PATH], port: child.port, seconds };
    const refused = { ...asked, paths: ["/small"], port: child.port, seconds, mayBeRefused: true };
    for (const plan of [proxied, refused]) await runLoad({ ...plan, seconds: 0.5 });
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round++) {
      const proxying = await measureCpu(child, proxied);
      const refusing = await measureCpu(child, refused);
      if (refusing.report.refused < LEAST_REFUSED * refusing.report.requests)
        throw new Error(`Cannot measure refusals: ${refusing.report.refused} of ${refusing.report.requests}`);
      samples.push({ proxying, refusing });
    }
    return [{ peer, measures: toMeasures(samples) }];
  },
};

interface Cost {
  readonly cpuUs: number;
  readonly report: LoadReport;
}

interface Sample {
  readonly proxying: Cost;
  readonly refusing: Cost;
}

async function measureCpu({ pid }: Child, plan: LoadPlan): Promise<Cost> {
  const before = readTree(pid);
  const report = await runLoad(plan);
  const cpuSeconds = readTree(pid).cpuSeconds - before.cpuSeconds;
  return { cpuUs: (cpuSeconds * 1e6) / report.requests, report };
}

function toMeasures(samples: readonly Sample[]): Readonly<Record<string, number>> {
  return {
    cpuUs: median(samples.map(({ proxying }) => proxying.cpuUs)),
    refusalCpuUs: median(samples.map(({ refusing }) => refusing.cpuUs)),
    refusalCpuRatio: median(samples.map(({ proxying, refusing }) => refusing.cpuUs / proxying.cpuUs)),
    errors: samples.reduce(
      (sum, { proxying, refusing }) => sum + proxying.report.errors + refusing.report.errors,
      0,
    ),
  };
}
