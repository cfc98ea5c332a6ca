import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import { DialError } from "../../runtime/host.ts";
import type { Socket } from "../../runtime/host.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse } from "../exchange/refuse.ts";
import type { Server } from "../upstream/server.ts";
import { answerFault } from "./answer-fault.ts";
import { giveUp, isNotTheServers } from "./attempt.ts";
import type { Attempt, Fault } from "./attempt.ts";
import { choose, waitForServer } from "./choose.ts";
import { createAttempt } from "./create-attempt.ts";
import { faultOf } from "./fetch-faults.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { mayRetryFault } from "./may-retry.ts";
import { countAttempt, releaseAttempt } from "./release-attempt.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ForwardPlan, Sending } from "./sending.ts";
import { startSending } from "./start-sending.ts";
import { SocketBridge } from "./socket-bridge.ts";

/** Whether the client asks for a WebSocket (RFC 6455, 4.1). */
export function isSocketRequest({ method, request }: Exchange): boolean {
  return method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;

const NO_KEY = refusalOf("http_request_error", { detail: "the WebSocket handshake is malformed" });
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
): Promise<Response> {
  const refusal = refuseHandshake(exchange.request.headers);
  if (refusal) return refuse(exchange, refusal);
  const sending = startSending(exchange, plan, tools);
  let chosen = choose(sending) ?? (await waitForServer(sending));
  while (typeof chosen !== "string") {
    const step = await dial(chosen, sending);
    if (step instanceof Response) return step;
    chosen = (mayRetryFault(step, sending) ? choose(sending) : undefined) ?? step;
  }
  return answerFault(exchange, chosen);
}

function refuseHandshake(headers: Headers): Refusal | undefined {
  if (headers.get("sec-websocket-version") !== "13") return WRONG_VERSION;
  return /^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "") ? undefined : NO_KEY;
}

/** The client is only told 101 when the server has said it (CVE-2026-2833, CVE-2024-23326). */
async function dial(server: Server, sending: Sending): Promise<Response | Fault> {
  const { exchange, plan, tools } = sending;
  const attempt = createAttempt({ exchange, upstream: plan.upstream, server }, undefined, tools);
  const bridge = new SocketBridge(attempt, tools);
  const limitMs = Math.min(plan.limits.connectMs, plan.limits.responseMs);
  if (limitMs < Infinity) {
    attempt.deadline = tools.deadlines.after(limitMs, () => giveUp(attempt, "connection_timeout"));
  }
  try {
    bridge.join(await openServerSocket(attempt, bridge, tools));
    return accept(attempt, bridge, tools);
  } catch (error) {
    const step = failed(attempt, error, tools);
    releaseAttempt(attempt, tools);
    return step;
  }
}

async function openServerSocket(
  attempt: Attempt,
  bridge: SocketBridge,
  tools: ForwardTools,
): Promise<Socket> {
  const { exchange, upstream, server } = attempt;
  const socket = await tools.host.dialWebSocket({
    url: server.socketOrigin + exchange.target,
    headers: handshakeHeaders(attempt),
    protocols: protocolsOf(exchange.request.headers),
    tls: upstream.tls,
    signal: attempt.cut.signal,
    events: bridge.fromServer,
  });
  attempt.deadline?.stop();
  note(attempt, 101, tools);
  countAttempt(attempt, tools);
  return socket;
}

/** The runtime's client makes its own key, version and extensions. */
function handshakeHeaders({ exchange, upstream, server }: Attempt): Headers {
  const headers = requestHeaders(exchange, upstream, server);
  for (const name of ["key", "version", "extensions", "protocol", "accept"])
    headers.delete(`sec-websocket-${name}`);
  return headers;
}

function protocolsOf(headers: Headers): string[] {
  const offered = headers.get("sec-websocket-protocol") ?? "";
  return offered
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function accept(attempt: Attempt, bridge: SocketBridge, tools: ForwardTools): Response {
  const { exchange, upstream, server } = attempt;
  const headers = new Headers({ "x-request-id": exchange.requestId, via: "1.1 headgate" });
  upstream.sticky?.tell(headers, exchange, server);
  const response = tools.host.acceptWebSocket(exchange.request, exchange.connection, {
    protocol: bridge.protocol(),
    headers,
    events: bridge.fromClient,
  });
  if (response) {
    exchange.isUpgraded = true;
    return response;
  }
  bridge.leave(GOING_AWAY, "");
  return refuse(exchange, refusalOf("http_upgrade_failed"));
}

/** A server that answers with another status has spoken: the client gets that status. */
function failed(attempt: Attempt, error: unknown, tools: ForwardTools): Response | Fault {
  const status = error instanceof DialError ? error.status : undefined;
  if (status !== undefined && attempt.fault === undefined) {
    note(attempt, status, tools);
    const detail = "the server refused the WebSocket";
    return refuse(
      attempt.exchange,
      refusalOf("http_upgrade_failed", { status: Math.max(400, status), detail }),
    );
  }
  const fault = attempt.fault ?? faultOf(error instanceof DialError ? error.fault : "unknown");
  note(attempt, fault, tools);
  return fault;
}

/** The time of a handshake says nothing about the times of requests. */
function note(attempt: Attempt, outcome: number | Fault, { host }: ForwardTools): void {
  const { exchange, server, startedMs } = attempt;
  exchange.attempts.push({ server: server.name, outcome, ms: host.time.monotonicMs() - startedMs });
  if (typeof outcome === "number") attempt.result = outcome;
  else if (!isNotTheServers(outcome)) attempt.result = 0;
}
