import type { Config } from "../../../config/config.ts";
import type { ClientBodyTools } from "../../exchange/client-body.ts";
import type { FilterModule } from "../modules/filter-module.ts";

/** What filters are made with. */
export interface FilterTools {
  readonly upstreams: Config["upstreams"];
  /** The filters of the user's own, by file. */
  readonly modules: ReadonlyMap<string, FilterModule>;
  /** How the bodies of clients are watched that filters work on. */
  readonly client: ClientBodyTools;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Notes bytes that are garbage as soon as they were handed on. */
  readonly noteGarbage: (bytes: number) => void;
  /** Says in the log what a filter could not do. */
  readonly report: (message: string) => void;
}
