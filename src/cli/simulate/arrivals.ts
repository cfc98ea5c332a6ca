import { createSeededRandom } from "../../data/balance/simulate/seeded-random.ts";
import {
  createPoissonWorkload,
  createRecordedWorkload,
  type RecordedRequest,
  type Workload,
} from "../../data/balance/simulate/workload.ts";
import { seedFor } from "./seeds.ts";

/** How invented requests come in. */
export interface ArrivalOptions {
  readonly requestsPerSecond: number;
  readonly clients: number;
  /** The share of all requests, 0..1, that one client sends beside the others. */
  readonly hotRatio: number;
  /** So many come at the same moment. */
  readonly burst: number;
  readonly seed: number;
}

const hotKey = 0x27d4eb2f;

/** Requests that know nothing of each other, in bursts, with one client that may be busier than the others. */
export function createArrivals(options: ArrivalOptions): Workload {
  const { requestsPerSecond, clients, hotRatio, burst, seed } = options;
  const bursts = createPoissonWorkload({
    requestsPerSecond: requestsPerSecond / burst,
    clients,
    seed: seedFor("arrivals", seed),
  });
  const random = createSeededRandom(seedFor("hotClient", seed));
  return {
    gapMs: (request) => (request % burst === 0 ? bursts.gapMs(request) : 0),
    key: (request) => (hotRatio > 0 && random() < hotRatio ? hotKey : bursts.key(request)),
  };
}

/** Recorded requests, in their own time or so much faster or slower that they come at this rate. */
export function createReplay(
  requests: readonly RecordedRequest[],
  requestsPerSecond: number | undefined,
): Workload {
  const stretch = requestsPerSecond === undefined ? 1 : recordedPerSecond(requests) / requestsPerSecond;
  const workload = createRecordedWorkload(requests);
  return {
    gapMs: (request) => stretch * workload.gapMs(request),
    key: (request) => workload.key(request),
  };
}

/** The mean rate of a record. */
export function recordedPerSecond(requests: readonly RecordedRequest[]): number {
  const spanMs = (requests.at(-1)?.atMs ?? 0) - (requests[0]?.atMs ?? 0);
  return requests.length / (Math.max(1, spanMs) / 1000);
}
