import type { Board } from "../../board/board.ts";
import { createRowTable, type RowTable } from "../../board/rows.ts";
import type { Config } from "../../config/config.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import { Overrides, resolveOverride, type ServerName } from "./overrides.ts";

/** Board rows by upstream and server name. */
export type Rows = Snapshot["rows"];

/** Which server has which row, over reloads. */
export interface ServerRows {
  /**
   * Gives every server of the configuration its row: the one it has, or a clean one. Throws a RangeError where the board
   * has not room for all of them, and then gives none.
   */
  assign(config: Config): Rows;
  /** Gives every route a number from 1 on: the one that a route of this name had before, or a new one. */
  number(config: Config): Snapshot["routes"];
  /** Makes weights true and gives up the servers that the configuration no longer has; call it once this one runs. */
  settle(config: Config, nowMs: number): void;
  /** Frees the rows of servers that were given up long ago and on which nothing is in flight. */
  sweep(nowMs: number): void;
}

/** Numbers of routes are never given to another, so that what was counted stays theirs; they fit into 14 bits. */
const mostRoutes = 16_383;

/** Exchanges that began under an older snapshot may still come back to a server that is gone, to retry. */
const keptAfterMs = 10 * 60_000;

/**
 * Creates the table of rows. A server keeps its row, and so its statistics, as long as its upstream, name and URL stay:
 * under another URL it is another server, about which nothing is known yet.
 */
export function createServerRows(
  board: Board,
  overrides: Pick<Overrides, "of"> = new Overrides(),
): ServerRows {
  return new RowKeeper(board, overrides);
}

class RowKeeper implements ServerRows {
  readonly #board: Board;
  readonly #table: RowTable;
  readonly #overrides: Pick<Overrides, "of">;
  readonly #givenUpAt = new Map<string, number>();
  readonly #routes = new Map<string, number>();

  constructor(board: Board, overrides: Pick<Overrides, "of">) {
    this.#board = board;
    this.#overrides = overrides;
    this.#table = createRowTable(board);
  }

  assign(config: Config): Rows {
    this.#proveRoom(config);
    return mapServers(config, (server) => {
      this.#givenUpAt.delete(server.key);
      return this.#table.find(server.key) ?? this.#newRow(server);
    });
  }

  number({ routes }: Config): Snapshot["routes"] {
    return Object.fromEntries(routes.map(({ name }) => [name, this.#numberOf(name)]));
  }

  settle(config: Config, nowMs: number): void {
    const kept = new Set<string>();
    mapServers(config, (server) => {
      kept.add(server.key);
      this.#board.setWeight(this.#table.rowOf(server.key), this.#weightOf(server));
    });
    this.#board.bumpVersion();
    for (const [key] of this.#table.entries()) {
      if (!kept.has(key) && !this.#givenUpAt.has(key)) this.#givenUpAt.set(key, nowMs);
    }
  }

  sweep(nowMs: number): void {
    for (const [key, at] of this.#givenUpAt) {
      if (nowMs - at < keptAfterMs || this.#board.inflight(this.#table.rowOf(key)) > 0) continue;
      this.#free(key);
    }
  }

  #proveRoom(config: Config): void {
    const wanted = new Set<string>();
    mapServers(config, ({ key }) => wanted.add(key));
    const missing = new Set([...wanted].filter((key) => this.#table.find(key) === undefined));
    this.#makeRoom(missing.size, wanted);
    const left = this.#table.left();
    if (missing.size <= left) return;
    throw new RangeError(
      `Cannot take in ${missing.size} more servers: this process has room for ${left} more of its ${this.#board.capacity}; ` +
        "a restart makes more",
    );
  }

  /** In need, servers that were given up leave before their time, the oldest first. A late retry counts wrongly then. */
  #makeRoom(rows: number, wanted: ReadonlySet<string>): void {
    for (const [key] of this.#givenUpAt) {
      if (this.#table.left() >= rows) return;
      if (!wanted.has(key) && this.#board.inflight(this.#table.rowOf(key)) === 0) this.#free(key);
    }
  }

  #free(key: string): void {
    this.#table.free(key);
    this.#givenUpAt.delete(key);
  }

  #numberOf(route: string): number {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    if (this.#routes.size >= mostRoutes) return 0;
    this.#routes.set(route, this.#routes.size + 1);
    return this.#routes.size;
  }

  #newRow(server: NamedServer): number {
    const row = this.#table.rowOf(server.key);
    this.#board.setWeight(row, this.#weightOf(server)); // nobody looks at it yet
    return row;
  }

  #weightOf(server: NamedServer): number {
    return resolveOverride(this.#overrides.of(server.name), server).weight;
  }
}

interface NamedServer {
  readonly key: string;
  readonly name: ServerName;
  /** As configured. */
  readonly weight: number;
}

type ByServer<T> = Record<string, Record<string, T>>;

function mapServers<T>(config: Config, map: (server: NamedServer) => T): ByServer<T> {
  const upstreams = Object.entries(config.upstreams).map(([upstream, { servers }]) => {
    const rows = servers.map(({ name, url, weight }) => {
      const key = `${upstream}/${name} ${url}`;
      return [name, map({ key, name: { upstream, server: name }, weight })] as const;
    });
    return [upstream, Object.fromEntries(rows)] as const;
  });
  return Object.fromEntries(upstreams);
}
