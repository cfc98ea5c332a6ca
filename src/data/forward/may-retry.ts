import { failureOf } from "../../http/failures.ts";
import type { FailureType } from "../../http/failures.ts";
import { isClients } from "./attempt.ts";
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
  if (isClients(fault)) return false;
  const retryClass = failureOf(fault as FailureType).retry;
  if (retryClass === undefined || !sending.plan.upstream.config.retry.on.includes(retryClass)) return false;
  return canSendAgain(sending) && (UNSENT.has(fault) || isRetriedMethod(sending));
}

/** Whether an answer with this status may be dropped for another server's. */
export function mayRetryStatus(status: number, sending: Sending): boolean {
  if (status < 400) return false;
  return (
    sending.plan.upstream.config.retry.on.includes(status) &&
    canSendAgain(sending) &&
    isRetriedMethod(sending)
  );
}

function canSendAgain({ exchange, plan, body }: Sending): boolean {
  const hasAttempts = exchange.attempts.length <= plan.upstream.config.retry.attempts;
  return hasAttempts && (body === undefined || body.canReplay()) && !exchange.request.signal.aborted;
}

function isRetriedMethod({ exchange, plan }: Sending): boolean {
  return (plan.upstream.config.retry.methods as readonly string[]).includes(exchange.method);
}
