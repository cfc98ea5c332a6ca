import { memoise } from "../memoise.ts";
import type { ReadableFields } from "./field-lines.ts";
import { FieldLines } from "./field-lines.ts";
import { ReceivedFields } from "./received-fields.ts";
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
 * A new object, since several attempts may start from the same source.
 */
export function forwardableRequestHeaders(source: ReadableFields, facts: RequestFacts): FieldLines {
  const fields = new FieldLines(isChecked(source));
  const nominated = nominatedFields(source.get("connection"));
  source.forEach((value, name) => {
    const fate = fateOf(name);
    if (fate === "kept" || (fate === "believed" && facts.isPeerTrusted)) fields.take(name, value);
  });
  for (const name of nominated) fields.delete(name);
  appendOwnFields(fields, source, facts);
  return fields;
}

/** Whether the fields were looked at when they were read, or put in. */
function isChecked(source: ReadableFields): boolean {
  return source instanceof ReceivedFields || (source instanceof FieldLines && source.isChecked);
}

/** Gives the Host field by the upstream's `hostHeader` mode; any other text is that host, literally. */
export function chooseHost(mode: string, clientAuthority: string, serverAuthority: string): string {
  if (mode === "preserve") return clientAuthority;
  return mode === "upstream" ? serverAuthority : mode;
}

/** Names that need a closer look: only these can be ours, or an alias of ours. */
const suspicious = /^x-forwarded|^x-real-ip$|^forwarded$|[_.]/;
const forwarding = /^(?:x-forwarded.*|x-real-ip|forwarded)$/;

/** What becomes of a client's field: those that are ours to write are replaced, others are believed of trusted peers only. */
type Fate = "kept" | "dropped" | "believed";

/** Names repeat from request to request; ever new ones cost time, but no memory. */
const fateOf = memoise(1024, (name): Fate => {
  if (hopByHop.has(name) || own.has(name)) return "dropped";
  if (!suspicious.test(name)) return "kept";
  if (isAlias(name)) return "dropped";
  return forwarding.test(name) ? "believed" : "kept";
});

/** Each of them is written anew for every request. */
const own: ReadonlySet<string> = new Set([
  "host",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-real-ip",
  "x-request-id",
]);

/**
 * Tells whether a server that turns names into CGI variables could take this field for one that we vouch for:
 * `X_Forwarded_For` and `X.Forwarded.For` become `HTTP_X_FORWARDED_FOR` too. Not even a trusted peer needs these.
 */
function isAlias(name: string): boolean {
  const canonical = name.replaceAll(/[_.]/g, "-");
  if (canonical === name) return false;
  return forwarding.test(canonical) || hopByHop.has(canonical) || isProtected(canonical);
}

function appendOwnFields(fields: FieldLines, source: ReadableFields, facts: RequestFacts): void {
  const via = fields.get("via");
  if (via !== null) fields.delete("via");
  fields.take("host", facts.host);
  fields.take("x-forwarded-for", forwardedFor(source, facts));
  fields.take("x-forwarded-proto", facts.scheme);
  fields.take("x-forwarded-host", facts.authority);
  fields.take("x-forwarded-port", String(facts.port));
  fields.take("x-real-ip", facts.client);
  fields.take("x-request-id", facts.requestId);
  fields.take("via", via === null ? "1.1 headgate" : `${via}, 1.1 headgate`);
}

/** A trusted chain with the peer behind it, else the client alone. */
function forwardedFor(source: ReadableFields, { peer, client, isPeerTrusted }: RequestFacts): string {
  if (!isPeerTrusted) return client;
  const chain = source.get("x-forwarded-for") ?? (client === peer ? "" : client);
  return chain === "" ? peer : `${chain}, ${peer}`;
}
