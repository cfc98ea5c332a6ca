import { createSampler } from "./distribution.ts";
import { createSeededRandom } from "./seeded-random.ts";

/** Requests as they come in. */
export interface Workload {
  /** How long after the one before the request comes, ms. */
  gapMs(request: number): number;
  /** The hash of the client that sends it. */
  key(request: number): number;
}

/** What an invented workload is like. */
export interface PoissonOptions {
  readonly requestsPerSecond: number;
  /** How many clients there are, each as busy as the others. */
  readonly clients: number;
  readonly seed: number;
}

/** Requests that know nothing of each other: the gaps between them are exponential. */
export function createPoissonWorkload({ requestsPerSecond, clients, seed }: PoissonOptions): Workload {
  const random = createSeededRandom(seed);
  const gapMs = createSampler({ kind: "exponential", meanMs: 1000 / requestsPerSecond }, random);
  return { gapMs, key: () => Math.imul(Math.floor(random() * clients) + 1, 0x85ebca6b) };
}

/** One line of an access log. */
export interface RecordedRequest {
  readonly atMs: number;
  readonly key: number;
}

/** Requests as a log has them, in the order of their times; from its end on it is repeated. */
export function createRecordedWorkload(requests: readonly RecordedRequest[]): Workload {
  const at = (request: number) => requests[request % requests.length];
  return {
    gapMs: (request) => Math.max(0, (at(request)?.atMs ?? 0) - (at(request - 1)?.atMs ?? at(0)?.atMs ?? 0)),
    key: (request) => at(request)?.key ?? 0,
  };
}
