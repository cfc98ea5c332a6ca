import type { Attempt, AttemptRequest, Fault } from "./attempt.ts";
import { giveUp } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { liftIdleLimit } from "./idle-limit.ts";
import type { Turn } from "./kept-body.ts";
import type { TimeLimits } from "./time-limits.ts";

/** When the runtime is told that the exchange is slow on purpose, ms: before the shortest idle limit, 1 s. */
const LIFT_AFTER_MS = 500;

/**
 * Watches over an attempt until the answer's headers are there, with one deadline at a time.
 *
 * `fetch` does not say when it has connected. So after half the connect time a silent server is asked whether it still
 * accepts connections, and only one that does not is given up early: a slow one keeps its time.
 */
export function watchHeaders(attempt: Attempt, request: AttemptRequest, tools: ForwardTools): void {
  const { limits, body } = request;
  const probeAtMs =
    limits.connectMs < limits.responseMs ? attempt.startedMs + limits.connectMs / 2 : Infinity;
  const liftAtMs = attempt.startedMs + LIFT_AFTER_MS;
  let isProbed = false;

  function look(): void {
    const nowMs = tools.host.time.monotonicMs();
    const turn = body?.turn() ?? firstTurn;
    const dueMs = dueOf(turn, limits, attempt.exchange.startedMs);
    if (dueMs <= nowMs) {
      giveUp(attempt, faultOf(turn, limits, nowMs - attempt.exchange.startedMs));
      return;
    }
    liftIdleLimit(attempt.exchange, tools);
    if (!isProbed && probeAtMs <= nowMs) {
      isProbed = true;
      void probe(attempt, limits.connectMs / 2, tools);
    }
    arm(nowMs, isProbed ? dueMs : Math.min(dueMs, probeAtMs));
  }

  function arm(nowMs: number, dueMs: number): void {
    if (dueMs < Infinity) attempt.deadline = tools.deadlines.after(dueMs - nowMs, look);
  }

  const firstTurn: Turn = { whose: "replier", sinceMs: attempt.startedMs };
  const dueMs = dueOf(body?.turn() ?? firstTurn, limits, attempt.exchange.startedMs);
  arm(attempt.startedMs, Math.min(dueMs, probeAtMs, liftAtMs));
}

/** When patience ends: with whose turn it is, or with the whole exchange. */
function dueOf(turn: Turn, limits: TimeLimits, exchangeStartedMs: number): number {
  const patienceMs = turn.whose === "replier" ? limits.responseMs : limits.idleMs;
  return Math.min(turn.sinceMs + patienceMs, exchangeStartedMs + limits.totalMs);
}

function faultOf(turn: Turn, limits: TimeLimits, exchangeMs: number): Fault {
  if (exchangeMs >= limits.totalMs || turn.whose === "replier") return "http_response_timeout";
  return turn.whose === "sender" ? "slow_body" : "connection_write_timeout";
}

async function probe(attempt: Attempt, timeoutMs: number, tools: ForwardTools): Promise<void> {
  const { server, upstream } = attempt;
  const hasAnswered = (): boolean => (upstream.heardMs[server.place] as number) > attempt.startedMs;
  if (hasAnswered() || (await tools.host.canConnect(server, timeoutMs))) return;
  if (!hasAnswered()) giveUp(attempt, "connection_timeout");
}
