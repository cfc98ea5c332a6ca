import { failureOf } from "../../http/failures.ts";
import type { FailureType } from "../../http/failures.ts";
import { mayRetryWithin, retryBudgetSeconds } from "../balance/retry-budget.ts";
import { isNotTheServers } from "./attempt.ts";
import type { Fault } from "./attempt.ts";
import type { Sending } from "./sending.ts";

/** Failures after which the server cannot have seen the request, whatever its method. */
const UNSENT: ReadonlySet<string> = new Set<FailureType>([
  "connection_refused",
  "dns_error",
  "dns_timeout",
  "tls_protocol_error",
  "tls_certificate_error",
]);

/** Whether a failed attempt may be followed by one on another server. */
export function mayRetryFault(fault: Fault, sending: Sending): boolean {
  if (!isListed(fault, sending) || !canSendAgain(sending)) return false;
  if (UNSENT.has(fault)) return isWithinBudget(sending) || hasSoundServer(sending);
  return isRetriedMethod(sending) && isWithinBudget(sending);
}

function isListed(fault: Fault, { plan }: Sending): boolean {
  if (isNotTheServers(fault)) return false;
  const retryClass = failureOf(fault as FailureType).retry;
  return retryClass !== undefined && plan.upstream.config.retry.on.includes(retryClass);
}

/**
 * Whether a server is left that answers what it gets. While there is one, going on from a server that is simply not
 * there makes no storm, and the budget need not stop it; where all are gone, it does.
 */
function hasSoundServer({ plan: { upstream }, tried, tools: { board } }: Sending): boolean {
  return upstream.servers.some(
    ({ row, place }) =>
      !tried.includes(place) &&
      board.state(row) === "up" &&
      board.weight(row) > 0 &&
      board.failuresInARow(row) === 0,
  );
}

/** Whether an answer with this status may be dropped for another server's. */
export function mayRetryStatus(status: number, sending: Sending): boolean {
  if (status < 400) return false;
  return (
    sending.plan.upstream.config.retry.on.includes(status) &&
    canSendAgain(sending) &&
    isRetriedMethod(sending) &&
    isWithinBudget(sending)
  );
}

function canSendAgain(sending: Sending): boolean {
  const { exchange, plan, body } = sending;
  const hasAttempts = exchange.attempts.length <= plan.upstream.config.retry.attempts;
  if (!hasAttempts || (body && !body.canReplay()) || exchange.request.signal.aborted) return false;
  return hasTimeLeft(sending);
}

function hasTimeLeft({ exchange, plan: { limits }, tools: { host } }: Sending): boolean {
  return host.time.monotonicMs() - exchange.startedMs < limits.totalMs;
}

/** Whether the upstream's share of retries allows one more, over all workers. */
export function isWithinBudget({ plan: { upstream }, tools: { board, host } }: Sending): boolean {
  const now = host.time.now();
  let attempts = 1; // the one that asks: it is counted when it ends
  let retries = 0;
  for (const { row } of upstream.servers) {
    const recent = board.recent(row, retryBudgetSeconds, now);
    attempts += recent.requests;
    retries += recent.retries;
  }
  return mayRetryWithin(upstream.config.retry.budget, { attempts, retries });
}

function isRetriedMethod({ exchange, plan }: Sending): boolean {
  return (plan.upstream.config.retry.methods as readonly string[]).includes(exchange.method);
}
