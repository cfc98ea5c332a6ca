import process from "node:process";
import type { BenchCase, Row } from "../bench-case.ts";
import type { Child } from "../child.ts";
import type { Clients, LoadPlan, LoadReport } from "../load/load-plan.ts";
import type { SlowReport } from "../load/slow-plan.ts";
import { SMALL_BYTES } from "../paths.ts";
import { plainLoad, runLoad, runSlowClients } from "../run-load.ts";
import { median } from "../statistics.ts";
import { watchMemory } from "../watch-memory.ts";

/** What `headgate-limits.yaml.template` lets each client have: 6/m. */
const LIMIT_PER_SECOND = 0.1;

const ATTACKERS = 1000;
const FLOOD_PER_SECOND = 20 * LIMIT_PER_SECOND * ATTACKERS;

/** Before anything counts, the flood has used its bursts up and the slow clients have arrived. */
const SETTLE_SECONDS = 1.5;

/** A round takes four times as long as one of other cases. */
const MOST_ROUNDS = 3;

/** Less of a flood than this share is none that was asked for. */
const LEAST_FLOOD = 0.8;

const small = { ...plainLoad, paths: ["/small"], expectedBytes: SMALL_BYTES };

/** Many, since so low a limit leaves one client too little to measure by; each stays at half of what it may have. */
const honest = { ...small, connections: 16, requestsPerSecond: 200 };

const flooding = {
  ...small,
  warmUpSeconds: 0,
  requestsPerSecond: FLOOD_PER_SECOND,
  clients: { prefix: "198.18", count: ATTACKERS },
  mayBeRefused: true,
};

const slow = { each: 100, clients: { prefix: "198.51", count: 65_536 } };

/** The honest must not feel the others. */
export const flood: BenchCase = {
  name: "flood",
  summary:
    "200/s from clients within their limit, quiet, and beside 300 slow clients and 2,000/s from 1,000 clients at 20 × their limit",
  peers: ["headgate-limits"],
  limits: [
    { peer: "headgate-limits", measure: "quietP99Ratio", most: 3 },
    { peer: "headgate-limits", measure: "growthMb", most: 60 },
  ],
  async measure({ peers }, { rounds, seconds }): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const [peer, child] of peers)
      rows.push({ peer, measures: await compare(child, Math.min(rounds, MOST_ROUNDS), seconds) });
    return rows;
  },
};

async function compare(child: Child, rounds: number, seconds: number): Promise<Row["measures"]> {
  const plan = { ...honest, port: child.port, seconds };
  await runLoad({ ...plan, clients: newcomers() });
  const { result, ...memory } = await watchMemory(child, () => takeRounds(plan, rounds));
  return {
    p99Ms: median(result.map(({ loaded }) => loaded.p99Ms)),
    quietP99Ms: median(result.map(({ quiet }) => quiet.p99Ms)),
    quietP99Ratio: median(result.map(({ loaded, quiet }) => loaded.p99Ms / quiet.p99Ms)),
    floodPerSecond: median(result.map(({ flooded }) => flooded.perSecond)),
    slowClients: median(result.map(({ slowed }) => slowed.held)),
    ...memory,
    errors: result.reduce((sum, { quiet, loaded }) => sum + quiet.errors + loaded.errors, 0),
  };
}

/** One time without the others, and one beside them. */
interface Round {
  readonly quiet: LoadReport;
  readonly loaded: LoadReport;
  readonly flooded: LoadReport;
  readonly slowed: SlowReport;
}

/** By turns, so that what disturbs the machine disturbs both. */
async function takeRounds(plan: LoadPlan, count: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) {
    const quiet = await runLoad({ ...plan, clients: newcomers() });
    const beside = await besideFlood(plan);
    tell(quiet, beside);
    rounds.push({ quiet, ...beside });
  }
  return rounds;
}

async function besideFlood(plan: LoadPlan): Promise<Omit<Round, "quiet">> {
  const { port } = plan;
  const seconds = 2 * plan.seconds; // long enough for bodies to be cut for being slow
  const whole = SETTLE_SECONDS + seconds + 0.5;
  const [loaded, flooded, slowed] = await Promise.all([
    runLoad({ ...plan, clients: newcomers(), warmUpSeconds: SETTLE_SECONDS, seconds }),
    runLoad({ ...flooding, port, seconds: whole }),
    runSlowClients({ ...slow, port, seconds: whole }),
  ]);
  if (flooded.perSecond < LEAST_FLOOD * FLOOD_PER_SECOND)
    throw new Error(`Cannot flood: ${Math.round(flooded.perSecond)}/s, ${flooded.firstError}`);
  return { loaded, flooded, slowed };
}

function tell(quiet: LoadReport, { loaded, flooded, slowed }: Omit<Round, "quiet">): void {
  const percentiles = [quiet.p50Ms, loaded.p50Ms, quiet.p99Ms, loaded.p99Ms].map((ms) => ms.toFixed(2));
  process.stderr.write(
    `  p50 and p99, quiet and beside: ${percentiles.join(" ")} ms; ${flooded.refused} refused, ` +
      `${slowed.cut} of ${slowed.opened} slow clients cut ${quiet.firstError} ${loaded.firstError}\n`,
  );
}

let crowds = 0;

/** Nobody who has asked before, and may have little left. */
function newcomers(): Clients {
  return { prefix: `10.${crowds++}`, count: 4000 };
}
