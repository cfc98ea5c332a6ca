import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Reply } from "../../runtime/client.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { refuse, replaceError } from "../exchange/refuse.ts";
import type { Server } from "../upstream/server.ts";
import { answerFault } from "./answer-fault.ts";
import { breakOff, giveUp, whyBroken } from "./attempt.ts";
import type { Attempt, Fault, Outcome } from "./attempt.ts";
import { beforeRetry } from "./before-retry.ts";
import { choose, chooseInTurn, waitForServer } from "./choose.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { attemptOrHedge } from "./hedge.ts";
import { mayRetryFault, mayRetryStatus } from "./may-retry.ts";
import { answerHeaders, discard, relay } from "./relay.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { tellStageFault } from "./body/staged-body.ts";
import { StageFault } from "../transform/stage-fault.ts";
import type { ForwardPlan, Sending } from "./sending.ts";
import { startSending } from "./start-sending.ts";

/** What an attempt led to: the answer, or the server to try next. */
type Step = OutgoingAnswer | { readonly fault: Fault; readonly next: Server | undefined };

/** Gets an answer from the best server, or from the next best: retrying is a loop over choices. */
export async function forward(
  exchange: Exchange,
  plan: ForwardPlan,
  tools: ForwardTools,
): Promise<OutgoingAnswer> {
  const sending = startSending(exchange, plan, tools);
  const chosen = chooseInTurn(sending) ?? (await waitForServer(sending));
  if (typeof chosen === "string") return answerFault(exchange, chosen);
  let fault: Fault = "destination_unavailable";
  for (let server: Server | undefined = chosen; server;) {
    const taken = takeOutcome(await attemptOrHedge(server, sending), sending);
    const step = taken instanceof Promise ? await taken : taken;
    if ("body" in step) {
      plan.mirror?.(exchange, sending.body);
      return step;
    }
    ({ fault, next: server } = step);
    if (server) await beforeRetry(server, sending);
  }
  return answerFault(exchange, fault);
}

/** Nothing is waited for where the whole answer is at hand: each wait costs as much as routing does. */
function takeOutcome(outcome: Outcome, sending: Sending): Step | Promise<Step> {
  const { attempt, reply } = outcome;
  if (reply === undefined) return fail(attempt, outcome.failure, sending);
  const next = mayRetryStatus(reply.status, sending) ? choose(sending) : undefined;
  if (next) return { fault: skip(attempt, sending), next };
  const { intercepted, limits, stage } = sending.plan;
  if (intercepted?.has(reply.status)) return intercept(attempt, reply, sending);
  try {
    const answer = relay({ attempt, reply, limits, stage }, sending.tools);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => failRelay(attempt, error, sending));
  } catch (error) {
    return failRelay(attempt, error, sending);
  }
}

function failRelay(attempt: Attempt, error: unknown, sending: Sending): Step {
  return error instanceof StageFault ? failStage(attempt, error, sending) : failBroken(attempt, sending);
}

/** Drops an answer for the sake of another server's. */
function skip(attempt: Attempt, { tools }: Sending): Fault {
  discard(attempt);
  releaseAttempt(attempt, tools);
  return "http_protocol_error";
}

/** Our page stands in for the server's: its body is not even read. */
function intercept(attempt: Attempt, reply: Reply, { exchange, tools }: Sending): OutgoingAnswer {
  const fields = answerHeaders(attempt, reply);
  discard(attempt);
  releaseAttempt(attempt, tools);
  return replaceError(exchange, reply.status, fields);
}

/** The route's stage could not work on the answer, and nothing was sent yet. */
function failStage(attempt: Attempt, error: StageFault, { exchange, tools }: Sending): OutgoingAnswer {
  tellStageFault(exchange, error, tools);
  giveUp(attempt, error.fault);
  releaseAttempt(attempt, tools);
  return refuse(exchange, refusalOf(error.fault, { status: 502 }));
}

/** A short body broke off before anything was sent. */
function failBroken(attempt: Attempt, sending: Sending): Step {
  const fault = whyBroken(attempt);
  breakOff(attempt, fault);
  amendRecord(sending.exchange, fault);
  return fail(attempt, fault, sending);
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
