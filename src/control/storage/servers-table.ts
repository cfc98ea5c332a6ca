import type { Totals } from "../../board/totals.ts";
import type { Database } from "./database.ts";
import { parseHealth, parseTotals, type StoredHealth } from "./stored.ts";

/** A server as it is stored: under another URL it is another one. */
export interface StoredServer {
  readonly upstream: string;
  readonly server: string;
  readonly url: string;
}

/** Reads what a server has counted since it was first configured. */
export function readTotals(database: Database, server: StoredServer): Totals | undefined {
  return parseTotals(readColumn(database, "totals", server));
}

/** Reads what checks found of a server. */
export function readHealth(
  database: Database,
  server: StoredServer,
  nowMs: number,
): StoredHealth | undefined {
  return parseHealth(readColumn(database, "health", server), nowMs);
}

/** Stores what a server has counted. */
export function writeTotals(
  database: Database,
  server: StoredServer,
  { totals, nowMs }: { readonly totals: Totals; readonly nowMs: number },
): void {
  writeColumn(database, "totals", { ...server, text: JSON.stringify(totals), nowMs });
}

/** Stores what checks found of a server. */
export function writeHealth(
  database: Database,
  server: StoredServer,
  { health, nowMs }: { readonly health: StoredHealth; readonly nowMs: number },
): void {
  const { active, passive } = health;
  writeColumn(database, "health", { ...server, text: JSON.stringify({ active, passive }), nowMs });
}

/** Forgets servers that were last there before. */
export function forgetServers(database: Database, beforeMs: number): void {
  database.prepare("DELETE FROM servers WHERE seen_at < ?").run(beforeMs);
}

type Column = "totals" | "health";

function readColumn(database: Database, column: Column, { upstream, server, url }: StoredServer): unknown {
  return database
    .prepare(`SELECT ${column} AS value FROM servers WHERE upstream = ? AND server = ? AND url = ?`)
    .get(upstream, server, url)?.["value"];
}

function writeColumn(
  database: Database,
  column: Column,
  { upstream, server, url, text, nowMs }: StoredServer & { readonly text: string; readonly nowMs: number },
): void {
  database
    .prepare(
      `INSERT INTO servers (upstream, server, url, ${column}, seen_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ${column} = excluded.${column}, seen_at = excluded.seen_at`,
    )
    .run(upstream, server, url, text, nowMs);
}
