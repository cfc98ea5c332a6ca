import type { IncomingFields, IncomingRequest } from "../../http/incoming-request.ts";
import { parseAuthority } from "../../http/address/authority.ts";
import type { Authority } from "../../http/address/authority.ts";
import { parseTarget } from "../../http/canonical-path.ts";
import type { Target } from "../../http/canonical-path.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import { resolveForwarded } from "../../http/fields/forwarded.ts";
import type { ForwardedClient } from "../../http/fields/forwarded.ts";
import { normaliseAddress } from "../../http/address/ip-address.ts";
import { createRequestId, isRequestId } from "../../http/request-id.ts";
import type { Host } from "../../runtime/host.ts";
import type { Connection } from "../../runtime/listener.ts";
import type { Arrival } from "./arrival.ts";
import { Exchange } from "./exchange.ts";
import { cutRequestUrl } from "./request-url.ts";

/**
 * Makes the exchange out of a request: who asks, for what, under which name.
 *
 * What cannot be read in one way only is a refusal in the exchange, which the guard gives out: whatever a later step or
 * the server could read differently ends there.
 */
export function receive(
  request: IncomingRequest,
  connection: Connection,
  { arrival, host }: ReceivedAt,
): Exchange {
  const peer = peerOf(host.peerAddress(request, connection));
  const isPeerTrusted = arrival.hasTrusted && arrival.isTrusted(peer);
  const { written, target, refusal, authority } = readAddress(request);
  const told = isPeerTrusted ? readForwarded(request.headers, peer, arrival) : undefined;
  return new Exchange({
    request,
    connection,
    listener: arrival.listener,
    peer,
    isPeerTrusted,
    client: told?.client ?? peer,
    scheme: told?.scheme ?? arrival.scheme,
    authority: told ? toldAuthority(told, authority) : authority,
    written,
    target,
    refusal,
    requestId: requestIdOf(request.headers, isPeerTrusted, host.random),
    startedAt: host.time.now(),
    startedMs: host.time.monotonicMs(),
  });
}

/** Where a request was received. */
export interface ReceivedAt {
  readonly arrival: Arrival;
  readonly host: Host;
}

/** The host that the client asked the first trusted proxy for. */
function toldAuthority(told: ForwardedClient, authority: Authority): Authority {
  return { host: told.host ?? authority.host, port: told.port ?? authority.port };
}

/** What a request asks for, or, where that is ambiguous, why it is refused. */
interface Asked {
  readonly authority: Authority;
  readonly target: Target;
  readonly written: string;
  readonly refusal: Refusal | undefined;
}

const NOWHERE: Target = { path: "/", matchPath: "/", query: "" };
const NOBODY: Authority = { host: "", port: undefined };
const MALFORMED_HOST = refusalOf("http_request_error", { detail: "the Host header is missing or malformed" });
const MALFORMED_PATH = refusalOf("http_request_error", { detail: "the path is malformed" });

function readAddress(request: IncomingRequest): Asked {
  const url = cutRequestUrl(request.url);
  const written = url && writtenAuthority(request.headers.get("host"), url.authority);
  const authority = written === undefined ? undefined : parseAuthority(written);
  if (!url || written === undefined || !authority) return refused(MALFORMED_HOST);
  const target = parseTarget(url.rawTarget);
  if (!target) return { ...refused(MALFORMED_PATH), authority, written };
  return { authority, target, written, refusal: undefined };
}

function refused(refusal: Refusal): Asked {
  return { authority: NOBODY, target: NOWHERE, written: "", refusal };
}

/**
 * The Host field, which must not say another thing than the URL: a target in absolute form names a host too, and HTTP/2
 * has only that one.
 */
function writtenAuthority(hostField: string | null, urlAuthority: string): string | undefined {
  if (hostField === null) return urlAuthority === "" ? undefined : urlAuthority;
  if (hostField === urlAuthority) return hostField;
  return isSameAuthority(hostField, urlAuthority) ? hostField : undefined;
}

/** A URL loses its scheme's own port and is in lower case. */
function isSameAuthority(hostField: string, urlAuthority: string): boolean {
  const a = parseAuthority(hostField);
  const b = parseAuthority(urlAuthority);
  if (!a || !b || a.host !== b.host) return false;
  return a.port === b.port || a.port === undefined || b.port === undefined;
}

/** Undefined where the peer says nothing: then it asks for itself. */
function readForwarded(
  headers: IncomingFields,
  peer: string,
  { isTrusted }: Arrival,
): ForwardedClient | undefined {
  const xForwardedFor = headers.get("x-forwarded-for");
  const xForwardedProto = headers.get("x-forwarded-proto");
  const xForwardedHost = headers.get("x-forwarded-host");
  const xForwardedPort = headers.get("x-forwarded-port");
  const forwarded = headers.get("forwarded");
  const said = xForwardedFor ?? xForwardedProto ?? xForwardedHost ?? xForwardedPort ?? forwarded;
  if (said === null) return undefined;
  const fields = { peer, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, forwarded };
  return resolveForwarded(fields, isTrusted);
}

function requestIdOf(headers: IncomingFields, isPeerTrusted: boolean, random: () => number): string {
  const given = isPeerTrusted ? headers.get("x-request-id") : null;
  return given !== null && isRequestId(given) ? given : createRequestId(random);
}

/** Runtimes spell IPv4 plainly, or as an IPv6 address where the socket takes both. */
function peerOf(address: string): string {
  return address.includes(":") ? (normaliseAddress(address) ?? address) : address;
}
