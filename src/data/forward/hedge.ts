import type { Server } from "../upstream/server.ts";
import { giveUp } from "./attempt.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import { choose } from "./choose.ts";
import { createAttempt } from "./create-attempt.ts";
import { hedgeDelayMs } from "./hedge-delay.ts";
import { makeAttempt } from "./make-attempt.ts";
import { isWithinBudget } from "./may-retry.ts";
import { discard } from "./relay.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { requestHeaders } from "./request-headers.ts";
import type { Sending } from "./sending.ts";

/**
 * Makes an attempt and, where it takes longer than usual, the same request on another server: the first good answer
 * wins, and the other attempt is cut. Only for GET and HEAD, and within the budget of retries.
 *
 * Source: Dean and Barroso, "The Tail at Scale", 2013: hedged requests.
 */
export function attemptOrHedge(server: Server, sending: Sending): Promise<Outcome> {
  const delayMs = hedgeDelayMs(sending);
  const first = start(server, sending);
  return delayMs === undefined ? first.outcome : hedge(first, delayMs, sending);
}

/** An attempt under way. */
interface Running {
  readonly attempt: Attempt;
  readonly outcome: Promise<Outcome>;
}

function start(server: Server, sending: Sending): Running {
  const { exchange, plan, body, tools } = sending;
  const attempt = createAttempt({ exchange, upstream: plan.upstream, server }, body, tools);
  const headers = requestHeaders(attempt);
  plan.stage?.ask(headers);
  return { attempt, outcome: makeAttempt(attempt, { headers, body, limits: plan.limits }, tools) };
}

async function hedge(first: Running, delayMs: number, sending: Sending): Promise<Outcome> {
  const early = await Promise.race([first.outcome, pause(delayMs, sending)]);
  if (early) return early;
  const other = isWithinBudget(sending) ? choose(sending) : undefined;
  if (!other) return first.outcome;
  const { board, host } = sending.tools;
  board.recordRetry(other.row, host.time.now());
  return better(first, start(other, sending), sending);
}

function pause(delayMs: number, { tools }: Sending): Promise<undefined> {
  return new Promise((resolve) => void tools.deadlines.after(delayMs, () => resolve(undefined)));
}

/** The first that is good, or, where neither is, the one that came last. */
async function better(a: Running, b: Running, sending: Sending): Promise<Outcome> {
  const first = await Promise.race([a.outcome, b.outcome]);
  const other = first.attempt === a.attempt ? b : a;
  if (isGood(first)) {
    drop(other, sending);
    return first;
  }
  const second = await other.outcome;
  dropEnded(first, sending);
  return second;
}

function isGood({ reply }: Outcome): boolean {
  return reply !== undefined && reply.status < 500;
}

/** Cuts the attempt that lost; that it was slow is noted, for the policies that go by time. */
function drop({ attempt, outcome }: Running, sending: Sending): void {
  const { board, host } = sending.tools;
  board.penalize(attempt.server.row, host.time.monotonicMs() - attempt.startedMs, host.time.now());
  giveUp(attempt, "outrun");
  void outcome.then((ended) => dropEnded(ended, sending));
}

function dropEnded({ attempt, reply }: Outcome, { tools }: Sending): void {
  if (reply) discard(attempt);
  releaseAttempt(attempt, tools);
}
