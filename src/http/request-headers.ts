import { hopByHop, isProtected, nominatedFields } from "./hop-by-hop.ts";

/** What we tell the server about a request, in our own name. */
export type RequestFacts = {
  /** The address at the other end of the connection. */
  readonly peer: string;
  /** The address that the request is counted under; the peer, or somebody behind trusted proxies. */
  readonly client: string;
  /** Whether the peer's own forwarding fields are believed and continued. */
  readonly isPeerTrusted: boolean;
  readonly scheme: "http" | "https";
  /** The host that the client asked for, with its port where it named one. */
  readonly authority: string;
  /** The port that the client reached. */
  readonly port: number;
  readonly requestId: string;
  /** The Host field for the server. */
  readonly host: string;
};

/**
 * Gives the fields that a server gets: the client's own without hop-by-hop and forged ones, and ours.
 *
 * A new object, since several attempts may start from the same source. A copied Headers costs both runtimes less than an
 * object or a list of the fields that are left.
 */
export function forwardableRequestHeaders(source: Headers, facts: RequestFacts): Headers {
  const headers = new Headers(source);
  for (const name of nominatedFields(source.get("connection"))) headers.delete(name);
  for (const name of source.keys()) {
    if (isDropped(name, facts.isPeerTrusted)) headers.delete(name);
  }
  setOwnFields(headers, source, facts);
  return headers;
}

/** Gives the Host field by the upstream's `hostHeader` mode; any other text is that host, literally. */
export function chooseHost(mode: string, clientAuthority: string, serverAuthority: string): string {
  if (mode === "preserve") return clientAuthority;
  return mode === "upstream" ? serverAuthority : mode;
}

/** Names that need a closer look: only these can be ours, or an alias of ours. */
const suspicious = /^x-forwarded|^x-real-ip$|^forwarded$|[_.]/;
const forwarding = /^(?:x-forwarded.*|x-real-ip|forwarded)$/;

function isDropped(name: string, isPeerTrusted: boolean): boolean {
  if (hopByHop.has(name)) return true;
  if (!suspicious.test(name)) return false;
  return isAlias(name) || (!isPeerTrusted && forwarding.test(name));
}

/**
 * Tells whether a server that turns names into CGI variables could take this field for one that we vouch for:
 * `X_Forwarded_For` and `X.Forwarded.For` become `HTTP_X_FORWARDED_FOR` too. Not even a trusted peer needs these.
 */
function isAlias(name: string): boolean {
  const canonical = name.replaceAll(/[_.]/g, "-");
  if (canonical === name) return false;
  return forwarding.test(canonical) || hopByHop.has(canonical) || isProtected(canonical);
}

function setOwnFields(headers: Headers, source: Headers, facts: RequestFacts): void {
  headers.set("host", facts.host);
  headers.set("x-forwarded-for", forwardedFor(source, facts));
  headers.set("x-forwarded-proto", facts.scheme);
  headers.set("x-forwarded-host", facts.authority);
  headers.set("x-forwarded-port", String(facts.port));
  headers.set("x-real-ip", facts.client);
  headers.set("x-request-id", facts.requestId);
  headers.append("via", "1.1 headgate");
}

/** A trusted chain with the peer behind it, else the client alone. */
function forwardedFor(source: Headers, { peer, client, isPeerTrusted }: RequestFacts): string {
  if (!isPeerTrusted) return client;
  const chain = source.get("x-forwarded-for") ?? (client === peer ? "" : client);
  return chain === "" ? peer : `${chain}, ${peer}`;
}
