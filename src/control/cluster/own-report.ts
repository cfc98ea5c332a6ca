import type { Board } from "../../board/board.ts";
import type { ServerHealth } from "../health/server-health.ts";
import type { ObservedState, ServerReport } from "./report.ts";
import type { SharedServer } from "./server-ids.ts";

/** What a report is made from. */
export interface OwnReportOptions {
  readonly board: Board;
  readonly healthOf: (row: number) => ServerHealth | undefined;
}

/** A finding, and since when it holds, monotonic ms. */
interface Found {
  readonly state: ObservedState;
  readonly since: number;
}

/** A server that came up is told of for so long, ms: whoever heard that it is down hears that this is over. */
const toldUpMs = 60_000;

/** Gathers what this node has to say of its servers. */
export class OwnReport {
  readonly #options: OwnReportOptions;
  readonly #found = new Map<number, Found>();
  #sums = new Map<number, number>();
  #samples = 0;

  constructor(options: OwnReportOptions) {
    this.#options = options;
  }

  /** Looks at what is under way: to be called several times an interval, since one look shows little. */
  sample(servers: readonly SharedServer[]): void {
    this.#samples++;
    for (const { row } of servers) {
      const inflight = this.#options.board.inflight(row);
      if (inflight > 0) this.#sums.set(row, (this.#sums.get(row) ?? 0) + inflight);
    }
  }

  /** What is to be said of the servers of which there is something to say, since the last time. */
  take(
    servers: readonly SharedServer[],
    now: { readonly wallMs: number; readonly monotonicMs: number },
  ): ServerReport[] {
    const reports = servers.flatMap(({ id, row }) => {
      const inflight = Math.round((10 * (this.#sums.get(row) ?? 0)) / Math.max(1, this.#samples)) / 10;
      const load = this.#loadOf(row, now.wallMs);
      const health = this.#healthOf(row, now.monotonicMs);
      const isSilent = inflight === 0 && !load && !health;
      return isSilent ? [] : [{ id, inflight, ...(load && { load }), ...(health && { health }) }];
    });
    this.#sums = new Map();
    this.#samples = 0;
    return reports;
  }

  #loadOf(row: number, wallMs: number): ServerReport["load"] {
    const { board } = this.#options;
    const ageMs = board.reportAgeMs(row, wallMs);
    return ageMs === Infinity ? undefined : { value: board.reportedLoad(row), ageMs };
  }

  #healthOf(row: number, monotonicMs: number): ServerReport["health"] {
    const state = observedState(this.#options.healthOf(row));
    const before = this.#found.get(row);
    const since = before && before.state === state ? before.since : monotonicMs;
    if (state === undefined) this.#found.delete(row);
    else this.#found.set(row, { state, since });
    const ageMs = Math.round(monotonicMs - since);
    if (state === undefined || (state === "up" && ageMs > toldUpMs)) return undefined;
    return { state, ageMs };
  }
}

/** What this node found by itself; undefined where it has not looked. */
function observedState(health: ServerHealth | undefined): ObservedState | undefined {
  if (health?.active.state === "down") return "down";
  if (health !== undefined && health.passive.state !== "serving") return "ejected";
  return health?.active.state === "up" ? "up" : undefined;
}
