import type { Board } from "../../board/board.ts";
import { layoutOf, rowAt, RowWord } from "../../board/layout.ts";
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
  /** The memory that the board was opened on. */
  readonly buffer: SharedArrayBuffer;
  /** After this time a report counts as unknown. */
  readonly loadExpireMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

const elsewhereOffset = RowWord.inflightElsewhere - RowWord.inflight;

/** An upstream's servers as the board has them. */
export class BoardServers implements Servers {
  readonly count: number;
  readonly inflightWords: Int32Array;
  readonly #board: Board;
  readonly #servers: readonly BalancedServer[];
  readonly #rows: Int32Array;
  readonly #identities: Int32Array;
  readonly #limits: Float64Array;
  readonly #inflightAt: Int32Array;
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
    const layout = layoutOf(board.capacity, board.workers);
    this.inflightWords = new Int32Array(options.buffer);
    this.#inflightAt = this.#rows.map((row) => rowAt(layout, row) + RowWord.inflight);
  }

  version(): number {
    return this.#board.version();
  }

  state(server: number): ServerState {
    return this.#board.state(this.#row(server));
  }

  weight(server: number): number {
    return this.#board.weight(this.#row(server));
  }

  isBackup(server: number): boolean {
    return this.#servers[server]?.isBackup ?? false;
  }

  upSinceAt(server: number): number {
    const now = this.#options.now();
    return now - this.#board.sinceUpMs(this.#row(server), now);
  }

  trialAt(server: number): number {
    const now = this.#options.now();
    return now + this.#board.trialInMs(this.#row(server), now);
  }

  claimTrial(server: number): boolean {
    return this.#board.claimTrial(this.#row(server));
  }

  failedAt(server: number): number {
    const now = this.#options.now();
    return now - this.#board.sinceFailureMs(this.#row(server), now);
  }

  hasRoom(server: number): boolean {
    return (this.inflightWords[this.inflightAt(server)] as number) < (this.#limits[server] as number);
  }

  inflightAt(server: number): number {
    return this.#inflightAt[server] as number;
  }

  elsewhereAt(server: number): number {
    return this.inflightAt(server) + elsewhereOffset;
  }

  responseTimeMs(server: number): number {
    return this.#board.averageMs(this.#row(server), this.#options.now());
  }

  load(server: number): number {
    const row = this.#row(server);
    const now = this.#options.now();
    const [ageMs, elsewhereAgeMs] = [
      this.#board.reportAgeMs(row, now),
      this.#board.loadElsewhereAgeMs(row, now),
    ];
    if (Math.min(ageMs, elsewhereAgeMs) > this.#options.loadExpireMs) return Number.NaN;
    return elsewhereAgeMs < ageMs ? this.#board.loadElsewhere(row) : this.#board.reportedLoad(row);
  }

  reportedInflight(server: number): number {
    const row = this.#row(server);
    const now = this.#options.now();
    const isElsewhere = this.#board.loadElsewhereAgeMs(row, now) < this.#board.reportAgeMs(row, now);
    return isElsewhere ? this.#board.loadElsewhereInflight(row) : this.#board.reportedInflight(row);
  }

  identity(server: number): number {
    return this.#identities[server] as number;
  }

  #row(server: number): number {
    return this.#rows[server] as number;
  }
}
