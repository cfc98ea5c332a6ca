import type { Reply } from "../../runtime/client.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { isNotTheServers } from "./attempt.ts";
import type { Attempt, AttemptRequest, Fault, Outcome } from "./attempt.ts";
import { faultOf } from "./fetch-faults.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readLoad } from "./read-load.ts";
import { watchHeaders } from "./watch-headers.ts";

/** Sends the request to the attempt's server and waits for the answer's headers. */
export async function makeAttempt(
  attempt: Attempt,
  request: AttemptRequest,
  tools: ForwardTools,
): Promise<Outcome> {
  watchHeaders(attempt, request, tools);
  try {
    const reply = await send(attempt, request);
    return settle({ attempt, reply }, tools);
  } catch (error) {
    attempt.deadline?.stop();
    return settle({ attempt, failure: failureOf(attempt, error, tools) }, tools);
  }
}

/** The runtime may hear that a client broke its upload off before it hears that it left. */
function failureOf(attempt: Attempt, error: unknown, tools: ForwardTools): Fault {
  const { fault, body, exchange } = attempt;
  const known = fault ?? exchange.clientBody?.fault;
  if (known) return known;
  if (exchange.isBodyTooLong) return "long_body";
  if (!body?.isBroken()) return requestFault(exchange, error, tools);
  return exchange.clientBody ? blameUs(exchange, body.brokenBy(), tools) : "client_left";
}

function requestFault(exchange: Exchange, error: unknown, tools: ForwardTools): Fault {
  const fault = faultOf(tools.host.classifyError(error));
  return fault === "proxy_internal_error" ? blameUs(exchange, error, tools) : fault;
}

/** The client is there, and so is the server: a filter broke a body off, or we made a request that cannot be sent. */
function blameUs(exchange: Exchange, error: unknown, { reportFault }: ForwardTools): Fault {
  reportFault(exchange, error);
  return "proxy_internal_error";
}

/** Listening for the client, or the first look at the deadlines, may have ended it already. */
function send(attempt: Attempt, { headers, body, limits }: AttemptRequest): Promise<Reply> {
  const { exchange, upstream, server, fault } = attempt;
  if (fault !== undefined) throw new Error("Cannot send the request: its attempt was given up");
  const call = upstream.client.send({
    origin: server.origin,
    method: exchange.method,
    target: exchange.target,
    headers,
    body: body ? body.source() : null,
    connectMs: limits.connectMs,
  });
  attempt.call = call;
  return call.reply;
}

/** For the log, and the trace where there is one. */
function record({ exchange, server, span }: Attempt, outcome: number | Fault, ms: number): void {
  exchange.attempts.push({ server: server.name, outcome, ms });
  span?.note(outcome);
}

/** Notes what came of the attempt; a client that left says nothing about the server. */
function settle(outcome: Outcome, { board, host }: Pick<ForwardTools, "board" | "host">): Outcome {
  const { attempt } = outcome;
  const { server, upstream } = attempt;
  const nowMs = host.time.monotonicMs();
  const ms = nowMs - attempt.startedMs;
  const status = outcome.reply?.status ?? 0;
  record(attempt, outcome.reply ? status : outcome.failure, ms);
  if (!outcome.reply && isNotTheServers(outcome.failure)) return outcome;
  attempt.result = status;
  if (outcome.reply) {
    attempt.answeredMs = nowMs;
    upstream.heardMs[server.place] = nowMs;
    board.recordResponseTime(server.row, ms, host.time.now());
    if (upstream.loadHeader !== undefined) readLoad(attempt, outcome.reply, { board, host });
  }
  return outcome;
}
