import type { AttemptEnd } from "./attempt-end.ts";
import { isCutReason } from "../exchange/cut-reason.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { TracedPlace } from "../exchange/trace.ts";
import type { Attributes } from "./span.ts";

/**
 * What is said of an exchange, by OpenTelemetry's semantic conventions for HTTP servers; what they have no name for is
 * ours, and begins with `headgate.`. `routePath` is the route's pattern, "" where none was found.
 */
export function exchangeAttributes(exchange: Exchange, routePath: string): Attributes {
  return {
    ...methodAttributes(exchange.method),
    "url.scheme": exchange.scheme,
    "url.path": exchange.path,
    "url.query": hideSignatures(exchange.query).slice(1),
    "http.route": routePath,
    "server.address": exchange.host,
    "server.port": exchange.port,
    "client.address": exchange.client,
    "network.peer.address": exchange.peer,
    "user_agent.original": exchange.request.headers.get("user-agent") ?? "",
    "http.response.status_code": exchange.status,
    "error.type": exchangeError(exchange),
    ...bodySizes(exchange.bytesIn, exchange.bytesOut),
    "headgate.request_id": exchange.requestId,
    "headgate.listener": exchange.listener,
    "headgate.route": exchange.route,
    "headgate.upstream": exchange.upstream,
    "headgate.refusal": exchange.refusal?.type,
    "headgate.broken": exchange.broken,
  };
}

/** Why an exchange counts as failed: what RFC 9209 calls it, or the server's status; undefined where it does not. */
export function exchangeError({ status, refusal, broken }: Exchange): string | undefined {
  if (broken !== "" && !isCutReason(broken)) return broken;
  if (status < 500) return undefined;
  return refusal?.type ?? String(status);
}

/** What is said of an attempt, by the conventions for HTTP clients. */
export function attemptAttributes(exchange: Exchange, place: TracedPlace, end: AttemptEnd): Attributes {
  const { server, upstream } = place;
  const { status, fault } = end;
  return {
    ...methodAttributes(exchange.method),
    "url.full": server.origin + hideSignatures(exchange.target),
    "server.address": server.hostname,
    "server.port": server.port,
    "http.response.status_code": status === 0 ? undefined : status,
    "error.type": attemptError(end),
    "http.request.resend_count": end.resendCount === 0 ? undefined : end.resendCount,
    ...bodySizes(end.bytesIn, end.bytesOut),
    "headgate.upstream": upstream.name,
    "headgate.server": server.name,
    "headgate.mirror": end.isCopy || undefined,
    "headgate.cut": isCutReason(fault) ? fault : undefined,
  };
}

/** Why an attempt counts as failed; undefined where it does not, or where nobody failed. */
export function attemptError({ status, fault }: Pick<AttemptEnd, "status" | "fault">): string | undefined {
  if (fault !== "") return isCutReason(fault) ? undefined : fault;
  return status >= 400 ? String(status) : undefined;
}

/** What a span is called: the method, and the route's pattern where there is one. */
export function nameSpan(method: string, routePath = ""): string {
  const verb = conventionalMethods.has(method) ? method : "HTTP";
  return routePath === "" ? verb : `${verb} ${routePath}`;
}

const conventionalMethods: ReadonlySet<string> = new Set(
  "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "),
);

function methodAttributes(method: string): Attributes {
  if (conventionalMethods.has(method)) return { "http.request.method": method };
  return { "http.request.method": "_OTHER", "http.request.method_original": method };
}

function bodySizes(bytesIn: number, bytesOut: number): Attributes {
  return {
    "http.request.body.size": bytesIn === 0 ? undefined : bytesIn,
    "http.response.body.size": bytesOut === 0 ? undefined : bytesOut,
  };
}

/** The parameters that the conventions name as secrets: whoever has such a URL may use it. */
const signatures = /([?&](?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&#]*/g;

function hideSignatures(target: string): string {
  return target.replaceAll(signatures, "$1REDACTED");
}
