import type { Board } from "../../board/board.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { Time } from "../../runtime/host.ts";
import type { HealthSupervisor } from "../health/supervisor.ts";
import type { Told } from "../health/server-health.ts";
import { OwnReport } from "./own-report.ts";
import { type Elsewhere, type PeerStatus, Peers } from "./peers.ts";
import type { HeardReport } from "./report-script.ts";
import { writeReport } from "./report.ts";
import { type SharedServer, sharedServers } from "./server-ids.ts";

/** What nodes tell each other about servers with. */
export interface SharedLoadOptions {
  readonly board: Board;
  readonly time: Pick<Time, "now" | "monotonicMs">;
  readonly intervalMs: number;
}

/** What the nodes have under way to servers, what those reported, and what is known of their health. */
export class SharedLoad {
  readonly #options: SharedLoadOptions;
  readonly #peers = new Peers();
  readonly #own: OwnReport;
  #health: HealthSupervisor | undefined;
  #servers: readonly SharedServer[] = [];
  #isQuiet = true;
  /** How many were alive when what they have was last put on the board. */
  #alive = 0;

  constructor(options: SharedLoadOptions) {
    this.#options = options;
    this.#own = new OwnReport({ ...options, healthOf: (row) => this.#health?.healthOf(row) });
  }

  /** How many other nodes are alive. */
  get alive(): number {
    return this.#peers.countAlive(this.#options.time.monotonicMs());
  }

  /** Where findings about health come from, and go to. */
  connect(health: HealthSupervisor): void {
    this.#health = health;
  }

  /** Tells about the servers of this snapshot from now on. */
  follow(snapshot: Pick<Snapshot, "config" | "rows">): void {
    const rows = new Set(this.#servers.map(({ row }) => row));
    this.#servers = sharedServers(snapshot);
    for (const { row } of this.#servers) rows.delete(row);
    for (const row of rows) this.#put(row, undefined);
  }

  /** To be called several times an interval: looks at what is under way here, and lets fade what others said. */
  tick(): void {
    this.#own.sample(this.#servers);
    if (this.alive !== this.#alive || this.#peers.isFading(this.#options.time.monotonicMs())) this.#putAll();
  }

  /** What this node has to say. */
  report(): string {
    const { time, intervalMs } = this.#options;
    const now = { wallMs: time.now(), monotonicMs: time.monotonicMs() };
    return writeReport({ intervalMs, servers: this.#own.take(this.#servers, now) });
  }

  /** Takes in what others say; gives how many reports make no sense. */
  hear(reports: readonly HeardReport[]): number {
    const foreign = this.#peers.hear(reports, this.#options.time.monotonicMs());
    this.#putAll();
    return foreign;
  }

  /** Every other node that was seen lately. */
  describe(): PeerStatus[] {
    return this.#peers.describe(this.#options.time.monotonicMs());
  }

  #putAll(): void {
    this.#alive = this.alive;
    const elsewhere = this.#peers.elsewhere(this.#options.time.monotonicMs());
    if (elsewhere.size === 0 && this.#isQuiet) return;
    this.#isQuiet = elsewhere.size === 0;
    for (const { id, row } of this.#servers) this.#put(row, elsewhere.get(id));
    this.#health?.hearOthers(this.#told(elsewhere));
  }

  #put(row: number, elsewhere: Elsewhere | undefined): void {
    const { board, time } = this.#options;
    board.setInflightElsewhere(row, Math.round(elsewhere?.inflight ?? 0));
    board.setLoadElsewhere(row, elsewhere?.load, time.now());
  }

  #told(elsewhere: ReadonlyMap<string, Elsewhere>): Map<number, Told> {
    const told = this.#servers.flatMap(({ id, row }): [number, Told][] => {
      const state = elsewhere.get(id)?.health?.state;
      return state === "down" || state === "ejected" ? [[row, state]] : [];
    });
    return new Map(told);
  }
}
