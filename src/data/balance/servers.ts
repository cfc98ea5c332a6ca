import type { ServerState } from "../../board/server-state.ts";

/**
 * What is known of an upstream's servers, by their place in it. Numbers are read at each call from where all workers
 * write them; nothing is copied.
 */
export interface Servers {
  readonly count: number;
  /** Changes whenever a state, a weight, an `upSinceAt` or a `trialAt` does; the rest may change at any time. */
  version(): number;
  state(server: number): ServerState;
  /** 0 to 256, as configured or as set by people, before slow start; 0 = drained. */
  weight(server: number): number;
  isBackup(server: number): boolean;
  /** When the server came up, for its slow start; -Infinity where it needs none. */
  upSinceAt(server: number): number;
  /** When an ejected server is due for the one request that decides whether it comes back; Infinity where there is none. */
  trialAt(server: number): number;
  /** Takes that trial: of all callers over all workers, one gets true. */
  claimTrial(server: number): boolean;
  /** When the server last failed; -Infinity if never. */
  failedAt(server: number): number;
  /** Whether it is below its `maxConnections`: a hint, since only acquiring a connection decides. */
  hasRoom(server: number): boolean;
  /** Memory that holds, among other things, the requests that each server has under way by this node, and by others. */
  readonly inflightWords: Int32Array;
  /**
   * Where in that memory. A place and not a number, since policies that look at every server read it in a loop, where
   * one call more for each of them costs three times the rest.
   */
  inflightAt(server: number): number;
  /** Where in it stands what other nodes have under way to the server: a part of how busy it is, not of its `maxConnections`. */
  elsewhereAt(server: number): number;
  /** As in `Candidates`, and so are the following. */
  responseTimeMs(server: number): number;
  load(server: number): number;
  reportedInflight(server: number): number;
  identity(server: number): number;
}
