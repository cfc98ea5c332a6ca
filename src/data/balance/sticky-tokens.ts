import { createHmac } from "node:crypto";

/** What clients are told of their server: a name that only we can make and read. */
export interface StickyTokens {
  /** The token of a server, by its place in the upstream. */
  tokenOf(server: number): string;
  /** The place of a token's server; -1 where we did not make it, or the server is gone. */
  serverOf(token: string): number;
}

/** Whose tokens these are. */
export interface StickyGroup {
  readonly upstream: string;
  /** The names of the servers, in the upstream's order. */
  readonly servers: readonly string[];
}

const tokenLength = 22; // 132 bits
const bucketLength = 5; // 30 bits: enough to find a token by, far too few to make one

interface Entry {
  readonly token: string;
  readonly server: number;
}

/**
 * Tokens made with the first secret and known by all of them, so that a secret can be replaced without losing anybody.
 *
 * A token depends on the secret and on the names only: it survives reloads and is the same on every node. All of them
 * are made ahead; reading one computes no hash, and takes the same time for a forged token however much of it is right
 * past the few letters that it is looked up by.
 */
export function createStickyTokens(secrets: readonly string[], group: StickyGroup): StickyTokens {
  const entries = secrets.map((secret) =>
    group.servers.map((name, server) => createEntry(secret, group, { name, server })),
  );
  const buckets = Map.groupBy(entries.flat(), ({ token }) => token.slice(0, bucketLength));
  const tokens = entries[0]?.map(({ token }) => token) ?? [];
  return {
    tokenOf: (server) => tokens[server] ?? "",
    serverOf: (token) => find(buckets.get(token.slice(0, bucketLength)) ?? [], token),
  };
}

function createEntry(
  secret: string,
  group: StickyGroup,
  { name, server }: { name: string; server: number },
): Entry {
  const what = JSON.stringify(["headgate sticky", group.upstream, name]); // no name can pretend to be two
  const token = createHmac("sha256", secret).update(what).digest("base64url").slice(0, tokenLength);
  return { token, server };
}

function find(entries: readonly Entry[], token: string): number {
  let found = -1;
  for (const entry of entries) if (isSame(entry.token, token)) found = entry.server;
  return found;
}

/** Compares in a time that tells nothing about where they differ. */
function isSame(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false;
  let difference = 0;
  for (let at = 0; at < expected.length; at++) difference |= expected.charCodeAt(at) ^ given.charCodeAt(at);
  return difference === 0;
}
