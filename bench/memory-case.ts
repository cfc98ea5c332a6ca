import type { BenchCase, Limit, Row } from "./bench-case.ts";
import type { Child } from "./child.ts";
import type { LoadPlan } from "./load/load-plan.ts";
import type { PeerName } from "./peers/peers.ts";
import { plainLoad, runLoad } from "./run-load.ts";
import { SMALL_BYTES } from "./paths.ts";
import { watchMemory } from "./watch-memory.ts";

/** How a peer's memory grows while one transfer is slow. */
export interface MemoryCase {
  readonly name: string;
  readonly summary: string;
  readonly peers: readonly PeerName[];
  readonly limits: readonly Limit[];
  readonly load: Partial<LoadPlan> & Pick<LoadPlan, "paths" | "expectedBytes">;
}

/** A few, since first requests make any program grow; not many, or there would be room already for what is measured. */
const firstRequests = { ...plainLoad, paths: ["/small"], expectedBytes: SMALL_BYTES, requestsPerSecond: 100 };

/** Makes a case that looks at the peak of RSS over what it was before, one peer after the other. */
export function memoryCase({ load, ...rest }: MemoryCase): BenchCase {
  return {
    ...rest,
    async measure({ peers }, { seconds }): Promise<readonly Row[]> {
      const plan = { ...plainLoad, connections: 1, warmUpSeconds: 0, ...load, seconds: seconds * 4, port: 0 };
      const rows: Row[] = [];
      for (const [peer, child] of peers) rows.push({ peer, measures: await measureGrowth(child, plan) });
      return rows;
    },
  };
}

async function measureGrowth(child: Child, plan: LoadPlan): Promise<Row["measures"]> {
  await runLoad({ ...firstRequests, port: child.port });
  const { result: report, ...memory } = await watchMemory(child, () =>
    runLoad({ ...plan, port: child.port }),
  );
  return {
    ...memory,
    throughMb: Math.max(report.receivedBytes, report.sentBytes) / 1e6,
    errors: report.errors,
  };
}
