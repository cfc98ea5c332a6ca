import type { Exchange } from "../exchange/exchange.ts";
import type { Server } from "../upstream/server.ts";
import { answerFault } from "./answer-fault.ts";
import { breakOff } from "./attempt.ts";
import type { Attempt, Fault } from "./attempt.ts";
import { choose } from "./choose.ts";
import type { ForwardPlan, Sending } from "./sending.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { KeptBody } from "./kept-body.ts";
import { makeAttempt } from "./make-attempt.ts";
import { mayRetryFault, mayRetryStatus } from "./may-retry.ts";
import { discard, relay } from "./relay.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { requestHeaders } from "./request-headers.ts";

/** What an attempt led to: the answer, or the server to try next. */
type Step = { readonly response: Response } | { readonly fault: Fault; readonly next: Server | undefined };

/** Gets an answer from the best server, or from the next best: retrying is a loop over choices. */
export async function forward(exchange: Exchange, plan: ForwardPlan, tools: ForwardTools): Promise<Response> {
  const sending: Sending = { exchange, plan, tools, body: bodyOf(exchange, plan, tools), tried: [] };
  exchange.upstream = plan.upstream.name;
  let fault: Fault = "destination_unavailable";
  for (let server = choose(sending); server;) {
    const step = await tryServer(server, sending);
    if ("response" in step) return step.response;
    ({ fault, next: server } = step);
    if (server) tools.board.recordRetry(server.row, tools.host.time.now());
  }
  return answerFault(exchange, fault);
}

async function tryServer(server: Server, sending: Sending): Promise<Step> {
  const { exchange, plan, body, tools } = sending;
  const headers = requestHeaders(exchange, plan.upstream, server);
  const place = { exchange, upstream: plan.upstream, server };
  const outcome = await makeAttempt(place, { headers, body, limits: plan.limits }, tools);
  const { attempt } = outcome;
  if (outcome.response === undefined) return fail(attempt, outcome.failure, sending);
  const next = mayRetryStatus(outcome.response.status, sending) ? choose(sending) : undefined;
  if (!next) return passOn(attempt, outcome.response, sending);
  discard(attempt, outcome.response);
  releaseAttempt(attempt, tools);
  return { fault: "http_protocol_error", next };
}

async function passOn(attempt: Attempt, response: Response, sending: Sending): Promise<Step> {
  const { limits } = sending.plan;
  try {
    return { response: await relay({ attempt, response, limits }, sending.tools) };
  } catch {
    const fault = attempt.fault ?? "http_response_incomplete";
    breakOff(attempt, fault);
    amendRecord(sending.exchange, fault);
    return fail(attempt, fault, sending);
  }
}

/** The log shall not say 200 of an answer that broke off. */
function amendRecord({ attempts }: Exchange, outcome: Fault): void {
  const last = attempts.pop();
  if (last) attempts.push({ ...last, outcome });
}

function fail(attempt: Attempt, fault: Fault, sending: Sending): Step {
  releaseAttempt(attempt, sending.tools);
  return { fault, next: mayRetryFault(fault, sending) ? choose(sending) : undefined };
}

function bodyOf(
  { request, method }: Exchange,
  { upstream }: ForwardPlan,
  { host }: ForwardTools,
): KeptBody | undefined {
  if (method === "GET" || method === "HEAD" || request.body === null) return undefined;
  if (request.headers.get("content-length") === "0") return undefined;
  const { bodyLimit } = upstream.config.retry;
  return new KeptBody(request.body, { limitBytes: bodyLimit, monotonicMs: host.time.monotonicMs });
}
