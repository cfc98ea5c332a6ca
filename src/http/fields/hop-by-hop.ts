import { memoise } from "../memoise.ts";

/**
 * The fields that belong to one connection, in lower case: they are never passed on, in either direction.
 *
 * A superset of RFC 9110, 7.6.1, as YARP strips it. `expect` is here because the runtime has answered it already.
 */
export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "http2-settings",
  "expect",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "proxy-features",
  "proxy-instruction",
  "security-scheme",
  "alpn",
  "close",
]);

/**
 * Gives the field names that a `Connection` field nominates for removal beside the hop-by-hop ones, in lower case.
 *
 * A client must not choose which fields the server misses: those that carry identity, framing or our own word stay.
 * Vulnerabilities of this kind: CVE-2024-45410, CVE-2026-29054, CVE-2022-31813.
 */
export function nominatedFields(connection: string | null): readonly string[] {
  return connection === null ? none : readTokens(connection);
}

/** Tells whether a field, named in lower case, is beyond the reach of `Connection`. */
export function isProtected(name: string): boolean {
  return protectedFields.has(name) || protectedPrefix.test(name);
}

const none: readonly string[] = [];
const readTokens = memoise(256, (connection): readonly string[] =>
  connection
    .split(",")
    .map((token) => token.trim().toLowerCase())
    .filter((name) => fieldName.test(name) && !hopByHop.has(name) && !isProtected(name)),
);
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/;
const protectedPrefix =
  /^(?:content-(?:length|type|encoding|range|security-policy)$|x-forwarded|sec-|access-control-)/;
const protectedFields: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "cookie",
  "set-cookie",
  "origin",
  "forwarded",
  "via",
  "x-real-ip",
  "x-request-id",
  "cache-control",
  "date",
  "etag",
  "location",
  "strict-transport-security",
  "vary",
  "www-authenticate",
]);
