import { createHash } from "node:crypto";
import type { Snapshot } from "../../data/snapshot.ts";

/** The servers of a snapshot: the row of each here, and the short name under which all nodes know it. */
export interface SharedServer {
  readonly id: string;
  readonly row: number;
  readonly upstream: string;
}

/** 48 bits: short, since it is said thousands of times, and two servers do not share it by chance. */
const idLength = 8;

/** The same for the same server on every node, whatever else their configurations say. */
export function serverIdOf(upstream: string, name: string, url: string): string {
  const text = JSON.stringify([upstream, name, url]);
  return createHash("sha256").update(text).digest("base64url").slice(0, idLength);
}

/** Every server of a snapshot. */
export function sharedServers({ config, rows }: Pick<Snapshot, "config" | "rows">): SharedServer[] {
  return Object.entries(config.upstreams).flatMap(([upstream, { servers }]) =>
    servers.flatMap(({ name, url }) => {
      const row = rows[upstream]?.[name];
      return row === undefined ? [] : [{ id: serverIdOf(upstream, name, url), row, upstream }];
    }),
  );
}
