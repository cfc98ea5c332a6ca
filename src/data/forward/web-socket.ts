import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { IncomingFields } from "../../http/incoming-request.ts";
import { toHeaders } from "../../http/fields/field-lines.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import { DialError } from "../../runtime/socket.ts";
import type { DialAnswer, DialledSocket } from "../../runtime/socket.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "../exchange/refuse.ts";
import type { Server } from "../upstream/server.ts";
import { answerFault } from "./answer-fault.ts";
import { isNotTheServers } from "./attempt.ts";
import type { Attempt, Fault } from "./attempt.ts";
import { beforeRetry } from "./before-retry.ts";
import { choose, chooseInTurn, waitForServer } from "./choose.ts";
import { createAttempt } from "./create-attempt.ts";
import { faultOf } from "./fetch-faults.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { mayRetryFault, mayRetryStatus } from "./may-retry.ts";
import { countAttempt, releaseAttempt } from "./release-attempt.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ForwardPlan, Sending } from "./sending.ts";
import { startSending } from "./start-sending.ts";
import { SocketBridge } from "./socket-bridge.ts";
import { watchHeaders } from "./watch-headers.ts";

/** Whether the client asks for a WebSocket (RFC 6455, 4.1). */
export function isSocketRequest({ method, request }: Exchange): boolean {
  return method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;

const MALFORMED = refusalOf("http_request_error", { detail: "the WebSocket handshake is malformed" });
const HAS_BODY = refusalOf("http_request_error", { detail: "a WebSocket handshake has no body" });
const WRONG_VERSION = refusalOf("http_request_error", {
  status: 426,
  detail: "only version 13 of the WebSocket protocol is spoken here",
  headers: { "sec-websocket-version": "13", upgrade: "websocket" },
});

/** Joins the client's WebSocket to one of the best server, or of the next best. */
export async function forwardSocket(
  exchange: Exchange,
  plan: ForwardPlan,
  tools: ForwardTools,
): Promise<OutgoingAnswer> {
  const refusal = refuseHandshake(exchange.request.headers);
  if (refusal) return refuse(exchange, refusal);
  const sending = startSending(exchange, plan, tools);
  let chosen: Server | Fault = chooseInTurn(sending) ?? (await waitForServer(sending));
  while (typeof chosen !== "string") {
    const step: Step = await dial(chosen, sending);
    if (typeof step === "object" && "body" in step) return step;
    if (typeof step !== "string") await beforeRetry(step, sending);
    chosen = step;
  }
  return answerFault(exchange, chosen);
}

/** What a dial led to: the answer, the server to try next, or why there is none. */
type Step = OutgoingAnswer | Server | Fault;

function refuseHandshake(headers: IncomingFields): Refusal | undefined {
  if (hasBody(headers)) return HAS_BODY;
  if (headers.get("sec-websocket-version") !== "13") return WRONG_VERSION;
  if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers.get("connection") ?? "")) return MALFORMED;
  return /^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "") ? undefined : MALFORMED;
}

/** Its bytes and the first messages could be taken for one another. */
function hasBody(headers: IncomingFields): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length")) > 0;
}

/** The client is only told 101 when the server has said it (CVE-2026-2833, CVE-2024-23326). */
async function dial(server: Server, sending: Sending): Promise<Step> {
  const { exchange, plan, tools } = sending;
  const attempt = createAttempt({ exchange, upstream: plan.upstream, server }, undefined, tools);
  const bridge = new SocketBridge(attempt, plan.limits.idleMs, tools);
  const headers = handshakeHeaders(attempt);
  watchHeaders(attempt, { headers, body: undefined, limits: plan.limits }, tools);
  try {
    const { connectMs } = plan.limits;
    const socket = await openServerSocket(attempt, { headers, bridge, connectMs }, tools);
    bridge.join(socket);
    return accept(attempt, { bridge, setCookies: socket.setCookies }, tools);
  } catch (error) {
    return failed(attempt, error, sending);
  }
}

interface Dialling {
  readonly headers: Headers;
  readonly bridge: SocketBridge;
  readonly connectMs: number;
}

async function openServerSocket(
  attempt: Attempt,
  { headers, bridge, connectMs }: Dialling,
  tools: ForwardTools,
): Promise<DialledSocket> {
  const { exchange, upstream, server } = attempt;
  const cut = new AbortController();
  attempt.call = { cut: () => cut.abort() };
  if (attempt.fault !== undefined) cut.abort();
  const socket = await tools.host.dialWebSocket({
    url: server.socketOrigin + exchange.target,
    headers,
    protocols: protocolsOf(exchange.request.headers),
    tls: upstream.tls,
    connectMs,
    signal: cut.signal,
    events: bridge.fromServer,
  });
  attempt.deadline?.stop();
  upstream.heardMs[server.place] = tools.host.time.monotonicMs();
  note(attempt, 101, tools);
  countAttempt(attempt, tools);
  return socket;
}

/** The runtime's client makes its own key, version and extensions. */
function handshakeHeaders(attempt: Attempt): Headers {
  const headers = requestHeaders(attempt);
  for (const name of ["key", "version", "extensions", "protocol", "accept"])
    headers.delete(`sec-websocket-${name}`);
  headers.delete("content-length");
  return toHeaders(headers);
}

function protocolsOf(headers: IncomingFields): string[] {
  const offered = headers.get("sec-websocket-protocol") ?? "";
  return offered
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

interface Agreed {
  readonly bridge: SocketBridge;
  readonly setCookies: readonly string[];
}

function accept(attempt: Attempt, { bridge, setCookies }: Agreed, tools: ForwardTools): OutgoingAnswer {
  const { exchange, upstream, server } = attempt;
  const headers = new Headers({ "x-request-id": exchange.requestId, via: "1.1 headgate" });
  for (const cookie of setCookies) headers.append("set-cookie", cookie);
  upstream.sticky?.tell(headers, exchange, server);
  const response = tools.host.acceptWebSocket(exchange.request, exchange.connection, {
    protocol: bridge.protocol(),
    headers,
    events: bridge.fromClient,
  });
  if (response) {
    attempt.onCut = () => bridge.leaveUnopened();
    exchange.isUpgraded = true;
    return response;
  }
  bridge.leave(GOING_AWAY, "");
  return refuse(exchange, refusalOf("http_upgrade_failed"));
}

function failed(attempt: Attempt, error: unknown, sending: Sending): Step {
  const { fault, answer } = error instanceof DialError ? error : new DialError("", "unknown");
  if (answer && attempt.fault === undefined) return refused(attempt, answer, sending);
  const failure = attempt.fault ?? faultOf(fault);
  note(attempt, failure, sending.tools);
  releaseAttempt(attempt, sending.tools);
  return (mayRetryFault(failure, sending) ? choose(sending) : undefined) ?? failure;
}

/**
 * A server that answers with an error has spoken: the client gets that status, and how to log in. Everything else that is
 * not 101 is no answer to a WebSocket's client.
 */
function refused(attempt: Attempt, { status, headers }: DialAnswer, sending: Sending): Step {
  note(attempt, status, sending.tools);
  releaseAttempt(attempt, sending.tools);
  const next = mayRetryStatus(status, sending) ? choose(sending) : undefined;
  if (next) return next;
  const challenge = headers.get("www-authenticate");
  const refusal = refusalOf("http_upgrade_failed", {
    detail: "the server did not agree to a WebSocket",
    ...(status >= 400 && status <= 599 && { status }),
    ...(challenge !== null && { headers: { "www-authenticate": challenge } }),
  });
  return refuse(attempt.exchange, refusal);
}

/** The time of a handshake says nothing about the times of requests. */
function note(attempt: Attempt, outcome: number | Fault, { host }: ForwardTools): void {
  const { exchange, server, startedMs } = attempt;
  attempt.span?.note(outcome);
  exchange.attempts.push({ server: server.name, outcome, ms: host.time.monotonicMs() - startedMs });
  if (typeof outcome === "number") attempt.result = outcome;
  else if (!isNotTheServers(outcome)) attempt.result = 0;
}
