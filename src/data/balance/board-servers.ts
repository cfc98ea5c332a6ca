import type { Board } from "../../board/board.ts";
import type { ServerState } from "../../board/server-state.ts";
import type { Servers } from "./servers.ts";

/** One server, as far as balancing needs to know it. */
export interface BalancedServer {
  /** Its row on the board. */
  readonly row: number;
  readonly identity: number;
  readonly isBackup: boolean;
  /** 0 = no limit. */
  readonly maxConnections: number;
}

/** What the servers of the board are read by. */
export interface BoardServersOptions {
  /** After this time a report counts as unknown. */
  readonly loadExpireMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** An upstream's servers as the board has them. */
export class BoardServers implements Servers {
  readonly count: number;
  readonly #board: Board;
  readonly #servers: readonly BalancedServer[];
  readonly #rows: Int32Array;
  readonly #identities: Int32Array;
  readonly #limits: Float64Array;
  readonly #options: BoardServersOptions;

  constructor(board: Board, servers: readonly BalancedServer[], options: BoardServersOptions) {
    this.count = servers.length;
    this.#board = board;
    this.#servers = servers;
    this.#rows = Int32Array.from(servers, ({ row }) => row);
    this.#identities = Int32Array.from(servers, ({ identity }) => identity);
    this.#limits = Float64Array.from(
      servers,
      ({ maxConnections }) => maxConnections || Number.POSITIVE_INFINITY,
    );
    this.#options = options;
  }

  version(): number {
    return this.#board.version();
  }

  state(server: number): ServerState | "trial" {
    return this.#board.state(this.#row(server));
  }

  weight(server: number): number {
    return this.#board.weight(this.#row(server));
  }

  isBackup(server: number): boolean {
    return this.#servers[server]?.isBackup ?? false;
  }

  claimTrial(): boolean {
    return false;
  }

  sinceFailureMs(server: number): number {
    return this.#board.sinceFailureMs(this.#row(server), this.#options.now());
  }

  hasRoom(server: number): boolean {
    return this.inflight(server) < (this.#limits[server] as number);
  }

  inflight(server: number): number {
    return this.#board.inflight(this.#row(server));
  }

  responseTimeMs(server: number): number {
    return this.#board.averageMs(this.#row(server), this.#options.now());
  }

  load(server: number): number {
    const row = this.#row(server);
    const isExpired = this.#board.reportAgeMs(row, this.#options.now()) > this.#options.loadExpireMs;
    return isExpired ? Number.NaN : this.#board.reportedLoad(row);
  }

  reportedInflight(): number {
    return 0;
  }

  identity(server: number): number {
    return this.#identities[server] as number;
  }

  #row(server: number): number {
    return this.#rows[server] as number;
  }
}
