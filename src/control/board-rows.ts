import type { Config } from "../config/config.ts";

/** Room for a small site's next years, rows. */
const FEWEST = 256;

/** Above this many rows a board grows beyond its servers only by what they need. */
const GENEROUS = 16_384;

/**
 * How many rows a board gets that starts with this configuration: room for reloads that bring more servers.
 *
 * Not simply very many, although what is not used costs no memory: the engines count shared memory as if all of it were
 * used, and a heap that seems that large is collected so rarely that garbage piles up for hundreds of megabytes.
 */
export function boardRowsFor({ upstreams }: Pick<Config, "upstreams">): number {
  const servers = Object.values(upstreams).reduce((sum, upstream) => sum + upstream.servers.length, 0);
  return Math.max(FEWEST, servers, Math.min(4 * servers, GENEROUS));
}
