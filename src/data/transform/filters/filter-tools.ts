import type { Config } from "../../../config/config.ts";
import type { FilterModule } from "../modules/filter-module.ts";

/** What filters are made with. */
export interface FilterTools {
  readonly upstreams: Config["upstreams"];
  /** The filters of the user's own, by file. */
  readonly modules: ReadonlyMap<string, FilterModule>;
  /** Does something later, unless it is stopped. */
  readonly after: (delayMs: number, run: () => void) => { stop(): void };
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Says in the log what a filter could not do. */
  readonly report: (message: string) => void;
}
