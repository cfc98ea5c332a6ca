import type { ServerState } from "../../board/server-state.ts";

/**
 * What is known of an upstream's servers, by their place in it. Numbers of the board are read at each call, over all
 * workers, and nothing is copied.
 */
export interface Servers {
  readonly count: number;
  /** Changes whenever a state, a weight, an `upSinceAt` or a `trialAt` does; the rest may change at any time. */
  version(): number;
  state(server: number): ServerState;
  /** 0 to 256, as configured or as set by people; 0 = drained. */
  weight(server: number): number;
  isBackup(server: number): boolean;
  /** When the server came up, for its slow start; -Infinity where it needs none. */
  upSinceAt(server: number): number;
  /** When an ejected server is due for its trial; Infinity where there is none to give. */
  trialAt(server: number): number;
  /** Takes that trial: of all callers over all workers, one gets true. */
  claimTrial(server: number): boolean;
  /** When the server last failed; -Infinity if never. */
  failedAt(server: number): number;
  /** Whether it is below its `maxConnections`: a hint, since only acquiring a connection decides. */
  hasRoom(server: number): boolean;
  /** As in `Candidates`. */
  inflight(server: number): number;
  responseTimeMs(server: number): number;
  load(server: number): number;
  identity(server: number): number;
}
