/** Where a request goes: the path that is sent, the path that rules look at, and the query. */
export type Target = {
  /** What the server gets: dot segments resolved, `%2F` and `%5C` as the client sent them. */
  readonly path: string;
  /** What rules match: `path` with encoded slashes and backslashes as slashes, slashes merged, and `%40` as `@`. */
  readonly matchPath: string;
  /** With its leading `?`, or "" where the request has none. */
  readonly query: string;
};

/**
 * Gives the one canonical form of a request's path and query, or undefined where the request must be answered 400.
 *
 * Runtimes disagree about what they hand over (one normalises, the other only reads raw bytes as UTF-8) and about what
 * their `fetch` does to a path on its way out. Both outputs are therefore fixed points of URL parsing: what was checked
 * is what is sent.
 *
 * Source: RFC 3986, 5.2.4 and 6.2.2; WHATWG URL, path percent-encode set.
 */
export function parseTarget(rawPathAndQuery: string): Target | undefined {
  const mark = rawPathAndQuery.indexOf("?");
  const rawPath = mark < 0 ? rawPathAndQuery : rawPathAndQuery.slice(0, mark);
  const query = mark < 0 ? "" : canonicalQuery(rawPathAndQuery.slice(mark));
  if (query === undefined) return undefined;
  if (ordinaryPath.test(rawPath)) return { path: rawPath, matchPath: rawPath, query };
  return parseUnusual(rawPath, query);
}

/** Segments of safe characters that do not begin with a dot: nothing to decode, resolve or merge. */
const ordinaryPath =
  /^\/(?:[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*\/)*(?:[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)?$/;

const ordinaryQuery = /^[!$%&(-;=?-~]*$/;
const refusedInQuery = /[\p{Cc}\p{Cs}#]/u;
const refusedInPath = /[\p{Cc}\p{Cs}#]|%00|%(?![\da-f]{2})/iu;
const unsafeInQuery = /[^!$%&(-;=?-~]/gu;
const unsafeInPath = /[^\w.~!$&'()*+,;=:@%/[\]|-]/gu;
const encodedOctet = /%[\da-f]{2}/gi;
/** Lower-case digits, or what stands for an unreserved character. */
const unusualOctet = /%(?:[\dA-F]?[a-f]|[46][1-9A-F]|[57][\dA]|2D|2E|3\d|5F|7E)/;
const unreserved = /[\w.~-]/;
const ambiguousSegment = /\/\.\.?(?:[;/]|%3B|$)/;
const resolvable = /^\/\/|\/\.\.?(?:\/|$)/;
const encodedSlash = /%2F|%5C/g;
/** What may stand in a path as itself too: a server takes `%40` for `@`, so a rule about `@` must. */
const encodedDelimiter = /%(?:2[146-9A-C]|3[ABD]|40|5[BD]|7C)/g;

function canonicalQuery(raw: string): string | undefined {
  if (ordinaryQuery.test(raw)) return raw;
  return refusedInQuery.test(raw) ? undefined : raw.replace(unsafeInQuery, percentEncode);
}

function parseUnusual(rawPath: string, query: string): Target | undefined {
  if (refusedInPath.test(rawPath)) return undefined;
  const slashed = rawPath.replaceAll("\\", "/");
  if (!slashed.startsWith("/")) return undefined;
  const encoded = canonicalEncoding(slashed);
  const path = resolvable.test(encoded) ? resolveDotSegments(encoded) : encoded;
  const plain = path.replace(encodedDelimiter, decodeOctet);
  const matchPath = plain.replace(encodedSlash, "/").replace(/\/{2,}/g, "/");
  return ambiguousSegment.test(matchPath) ? undefined : { path, matchPath, query };
}

function canonicalEncoding(path: string): string {
  const encoded = path.replace(unsafeInPath, percentEncode);
  return unusualOctet.test(encoded) ? encoded.replace(encodedOctet, canonicalOctet) : encoded;
}

function canonicalOctet(octet: string): string {
  const character = decodeOctet(octet);
  return unreserved.test(character) ? character : octet.toUpperCase();
}

function decodeOctet(octet: string): string {
  return String.fromCharCode(Number.parseInt(octet.slice(1), 16));
}

/** As UTF-8: a runtime that does not encode raw bytes itself has read them as that. */
function percentEncode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0x7f) return encodeURIComponent(character);
  return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Resolves `.` and `..` as RFC 3986 does, never above the root, and collapses leading slashes to one. */
function resolveDotSegments(path: string): string {
  const segments = path.slice(1).split("/");
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === "." || last === "..") kept.push("");
  return `/${kept.join("/")}`.replace(/^\/{2,}/, "/");
}
