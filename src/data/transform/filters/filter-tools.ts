import type { Config } from "../../../config/config.ts";

/** What filters are made with. */
export interface FilterTools {
  readonly upstreams: Config["upstreams"];
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Says in the log what a filter could not do. */
  readonly report: (message: string) => void;
}
