import type { Config } from "../../config/config.ts";

/** Room for a small site's next years, rows. */
const FEWEST = 64;

/** Above this many rows a board grows beyond its servers only by what they need. */
const GENEROUS = 16_384;

/** Rows for each server that may be found: one for it, one for its successor. */
const TURNOVER = 2;

/**
 * How many rows a board gets that starts with this configuration: room for reloads that bring more servers.
 *
 * Not simply very many, although what is not used costs no memory: the engines count shared memory as if all of it were
 * used, and a heap that seems that large is collected so rarely that garbage piles up for hundreds of megabytes.
 */
export function boardRowsFor({ upstreams }: Pick<Config, "upstreams">): number {
  const servers = countListed({ upstreams });
  const found = Object.values(upstreams).reduce((sum, { discover }) => sum + (discover?.maxServers ?? 0), 0);
  return Math.max(FEWEST, servers + TURNOVER * found, Math.min(4 * servers, GENEROUS));
}

/**
 * How many servers that are found may be taken in by a board of so many rows. Those that leave keep their rows for a while,
 * so that room is needed for all of them to be replaced at once.
 */
export function roomForFound(config: Pick<Config, "upstreams">, capacity: number): number {
  return Math.max(0, Math.floor((capacity - countListed(config)) / TURNOVER));
}

function countListed({ upstreams }: Pick<Config, "upstreams">): number {
  return Object.values(upstreams).reduce((sum, upstream) => sum + upstream.servers.length, 0);
}
