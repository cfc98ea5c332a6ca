import type { Board } from "../board/board.ts";
import { createRowTable, type RowTable } from "../board/rows.ts";
import type { Config } from "../config/config.ts";
import type { Snapshot } from "../data/snapshot.ts";

/** Board rows by upstream and server name. */
export type Rows = Snapshot["rows"];

/** Which server has which row, over reloads. */
export interface ServerRows {
  /** Gives every server of the configuration its row: the one it has, or a clean one. */
  assign(config: Config): Rows;
  /** Makes weights true and gives up the servers that the configuration no longer has; call it once this one runs. */
  settle(config: Config, nowMs: number): void;
  /** Frees the rows of servers that were given up long ago and on which nothing is in flight. */
  sweep(nowMs: number): void;
}

/** Exchanges that began under an older snapshot may still come back to a server that is gone, to retry. */
const keptAfterMs = 10 * 60_000;

/**
 * Creates the table of rows. A server keeps its row, and so its statistics, as long as its upstream, name and URL stay:
 * under another URL it is another server, about which nothing is known yet.
 */
export function createServerRows(board: Board): ServerRows {
  return new RowKeeper(board);
}

class RowKeeper implements ServerRows {
  readonly #board: Board;
  readonly #table: RowTable;
  readonly #givenUpAt = new Map<string, number>();

  constructor(board: Board) {
    this.#board = board;
    this.#table = createRowTable(board);
  }

  assign(config: Config): Rows {
    return mapServers(config, ({ key, weight }) => {
      this.#givenUpAt.delete(key);
      return this.#table.find(key) ?? this.#newRow(key, weight);
    });
  }

  settle(config: Config, nowMs: number): void {
    const kept = new Set<string>();
    mapServers(config, ({ key, weight }) => {
      kept.add(key);
      this.#board.setWeight(this.#table.rowOf(key), weight);
    });
    this.#board.bumpVersion();
    for (const [key] of this.#table.entries()) {
      if (!kept.has(key) && !this.#givenUpAt.has(key)) this.#givenUpAt.set(key, nowMs);
    }
  }

  sweep(nowMs: number): void {
    for (const [key, at] of this.#givenUpAt) {
      if (nowMs - at < keptAfterMs || this.#board.inflight(this.#table.rowOf(key)) > 0) continue;
      this.#table.free(key);
      this.#givenUpAt.delete(key);
    }
  }

  #newRow(key: string, weight: number): number {
    const row = this.#table.rowOf(key);
    this.#board.setWeight(row, weight); // nobody looks at it yet
    return row;
  }
}

type ByServer<T> = Record<string, Record<string, T>>;

function mapServers<T>(config: Config, map: (server: { key: string; weight: number }) => T): ByServer<T> {
  const upstreams = Object.entries(config.upstreams).map(([upstream, { servers }]) => {
    const rows = servers.map(
      ({ name, url, weight }) => [name, map({ key: `${upstream}/${name} ${url}`, weight })] as const,
    );
    return [upstream, Object.fromEntries(rows)] as const;
  });
  return Object.fromEntries(upstreams);
}
