import { authorityOf } from "../../config/authority.ts";
import type { ServerConfig } from "../../config/config.ts";

/** A server that was found. */
export interface FoundServer {
  /** Unique among those that one source finds. */
  readonly name: string;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** 0..256; 0 = it is on its way out and takes only its sticky sessions. */
  readonly weight: number;
  readonly backup: boolean;
}

/** How found servers are spoken to. */
export type Scheme = "http" | "https";

/** The server as the configuration would have it. */
export function toServerConfig(found: FoundServer, scheme: Scheme): ServerConfig {
  const { name, weight, backup } = found;
  const { protocol, host } = new URL(`${scheme}://${authorityOf(found)}`);
  return { name, url: `${protocol}//${host}`, weight, backup, maxConnections: 0 };
}

/** Always in the same order, whatever the order of an answer. */
export function inOrder<T extends { readonly name: string }>(servers: readonly T[]): readonly T[] {
  return servers.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}
