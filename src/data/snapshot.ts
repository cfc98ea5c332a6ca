import type { Config } from "../config/config.ts";

/** One validated configuration, ready to run: plain data, so that it can be sent to a worker. */
export interface Snapshot {
  /** Counts up with each reload. */
  readonly version: number;
  readonly config: Config;
  /** The board's row of each server, by upstream and server name. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The number of each route that its exchanges are counted under, by its name; 0 where there are no more numbers. */
  readonly routes: Readonly<Record<string, number>>;
  /** Signs the sticky cookies of upstreams that configure no secret of their own. */
  readonly stickySecret: string;
  /** The contents of the files that the configuration names, by the name it uses. */
  readonly files: Readonly<Record<string, string>>;
}
