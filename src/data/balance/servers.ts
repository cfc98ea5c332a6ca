import type { ServerState } from "../../board/server-state.ts";

/**
 * What is known of an upstream's servers, by their place in it. Numbers are read at each call from where all workers
 * write them; nothing is copied.
 */
export interface Servers {
  readonly count: number;
  /** Changes whenever a state or a weight does; the other numbers may change at any time. */
  version(): number;
  /** `trial` is an ejected server whose time is over: one request decides whether it comes back. */
  state(server: number): ServerState | "trial";
  /** The effective weight, slow start included; 0 = drained. */
  weight(server: number): number;
  isBackup(server: number): boolean;
  /** Takes the trial of a server that is due for one: of all callers over all workers, one gets true. */
  claimTrial(server: number): boolean;
  /** How long ago the server last failed; Infinity if never. */
  sinceFailureMs(server: number): number;
  /** Whether it is below its `maxConnections`: a hint, since only acquiring a connection decides. */
  hasRoom(server: number): boolean;
  /** As in `Candidates`, and so are the following. */
  inflight(server: number): number;
  responseTimeMs(server: number): number;
  load(server: number): number;
  reportedInflight(server: number): number;
  identity(server: number): number;
}
