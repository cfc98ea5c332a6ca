/**
 * The servers that a policy may choose among, as numbers by index, read where they live.
 *
 * Whoever is in here is available: at least two, each with a weight above 0.
 */
export interface Candidates {
  readonly count: number;
  /** The sum of all weights. */
  readonly totalWeight: number;
  /** A number that every weight is a multiple of, as great as is known. */
  readonly weightUnit: number;
  /** The configured weight, less while the server warms up. */
  weight(index: number): number;
  /** Requests under way, over all workers and nodes. */
  inflight(index: number): number;
  /** Peak-sensitive average of the time to the headers; NaN while unknown. */
  responseTimeMs(index: number): number;
  /** What the server itself reported, 0 = idle, 1 = full; NaN where unknown or expired. */
  load(index: number): number;
  /** Requests that were under way when it reported that; 0 where unknown. */
  reportedInflight(index: number): number;
  /** A 32-bit hash of the server's name: the same on every worker and node. */
  identity(index: number): number;
  /**
   * Weights laid end to end, in the order of the candidates: whose covers `point`, from 0 up to `totalWeight`?
   * A uniformly random point draws by weight.
   */
  at(point: number): number;
  /** Where the weight of a candidate begins on that line. */
  start(index: number): number;
}

/**
 * Chooses a candidate and returns its index. `key` is the hash of what the client is known by, for policies that keep
 * a client with its server.
 *
 * A policy only decides: who is available was settled before, and load and chance are handed to it. It allocates
 * nothing.
 */
export type Policy = (candidates: Candidates, key: number) => number;

/** What a policy may use besides its candidates. */
export interface PolicyTools {
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Counts up by one with each call, over all workers; a whole number, 0 or above. */
  readonly nextTurn: () => number;
}

/** Makes a policy out of its tools. */
export type PolicyFactory = (tools: PolicyTools) => Policy;
