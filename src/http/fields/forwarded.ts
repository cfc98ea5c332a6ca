import { memoise } from "../memoise.ts";
import { parseAuthority } from "../address/authority.ts";
import { parseForwarded } from "./forwarded-element.ts";
import type { ForwardedElement } from "./forwarded-element.ts";
import { normaliseAddress } from "../address/ip-address.ts";
import { parsePort } from "../address/port.ts";

/** What a trusted peer says about the request that it passes on; a field that is absent is undefined or null. */
export type ForwardedFields = {
  /** The address at the other end of the connection, in canonical spelling. */
  readonly peer: string;
  readonly xForwardedFor?: string | null;
  readonly xForwardedProto?: string | null;
  readonly xForwardedHost?: string | null;
  readonly xForwardedPort?: string | null;
  readonly forwarded?: string | null;
};

/** Who the client is and how it reached the first trusted proxy, as far as that was said. */
export type ForwardedClient = {
  readonly client: string;
  readonly scheme?: "http" | "https";
  readonly host?: string;
  /** 1..65535. */
  readonly port?: number;
};

/**
 * Finds the client behind trusted proxies. Call it only when the peer itself is trusted.
 *
 * Each proxy appends the address that it saw, so the list is walked from the right: past trusted hops, to the first
 * address that nobody vouches for. A malformed entry ends the walk at the last address that was believed. Scheme, host and
 * port come from the same hop. `X-Forwarded-For` wins over `Forwarded` (RFC 7239).
 */
export function resolveForwarded(
  fields: ForwardedFields,
  isTrusted: (address: string) => boolean,
): ForwardedClient {
  const { peer, xForwardedFor, forwarded } = fields;
  if (!isPresent(xForwardedFor) && isPresent(forwarded)) {
    return clientOfElements(peer, parseForwarded(forwarded), isTrusted);
  }
  const { client, hops } = walk(peer, splitList(xForwardedFor), isTrusted);
  return describeClient(client, {
    proto: atHop(fields.xForwardedProto, hops),
    host: atHop(fields.xForwardedHost, hops),
    port: atHop(fields.xForwardedPort, hops),
  });
}

/** The address of one entry: bare, quoted, with a port, or `[v6]:port`; undefined where it is none. */
export const parseForwardedNode = memoise(1024, (text): string | undefined => {
  const match = node.exec(text.trim());
  return match === null ? undefined : normaliseAddress(match[2] ?? match[3] ?? match[4] ?? "");
});

const maxEntries = 100;
const node = /^("?)(?:\[([\da-f:.%\w]+)\](?::\d{1,5})?|([\d.]+)(?::\d{1,5})?|([\da-f:.]+))\1$/i;

function isPresent(field: string | null | undefined): field is string {
  return field !== undefined && field !== null && field !== "";
}

function splitList(field: string | null | undefined): string[] {
  return isPresent(field) ? field.split(",") : [];
}

function walk(peer: string, entries: readonly string[], isTrusted: (address: string) => boolean) {
  let client = peer;
  let hops = 0;
  const first = Math.max(0, entries.length - maxEntries);
  for (let i = entries.length - 1; i >= first; i--) {
    const address = parseForwardedNode(entries[i] ?? "");
    if (address === undefined) break;
    client = address;
    hops++;
    if (!isTrusted(address)) break;
  }
  return { client, hops };
}

/** The value that belongs to the hop where the walk ended; a shorter list gives its first, an absent one nothing. */
function atHop(field: string | null | undefined, hops: number): string | undefined {
  if (!isPresent(field)) return undefined;
  const values = splitList(field);
  return values[Math.max(0, values.length - Math.max(1, hops))]?.trim();
}

function clientOfElements(
  peer: string,
  elements: readonly ForwardedElement[],
  isTrusted: (address: string) => boolean,
): ForwardedClient {
  const { client, hops } = walk(
    peer,
    elements.map((element) => element.for ?? ""),
    isTrusted,
  );
  return describeClient(client, elements[elements.length - Math.max(1, hops)] ?? {});
}

type Said = {
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
};

function describeClient(client: string, said: Said): ForwardedClient {
  const scheme = parseScheme(said.proto);
  const authority = said.host === undefined ? undefined : parseAuthority(said.host);
  const port = parsePort(said.port) ?? authority?.port;
  return {
    client,
    ...(scheme !== undefined && { scheme }),
    ...(authority !== undefined && { host: authority.host }),
    ...(port !== undefined && { port }),
  };
}

function parseScheme(proto: string | undefined): "http" | "https" | undefined {
  const scheme = proto?.toLowerCase();
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : undefined;
}
