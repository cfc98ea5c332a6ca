import type { Attempt, AttemptRequest, Fault } from "./attempt.ts";
import { giveUp, watchClient } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { liftIdleLimit } from "./idle-limit.ts";
import type { Turn } from "./body/kept-body.ts";
import type { TimeLimits } from "./time-limits.ts";

/** When an attempt is looked at first, ms: few take so long, and those can afford to be watched closely. */
const FIRST_LOOK_MS = 100;

/** When the runtime is told that the exchange is slow on purpose, ms: before the shortest idle limit, 1 s. */
const LIFT_AFTER_MS = 500;

/** How often a body on its way is looked at that must keep up a pace, ms: the turn may pass to the client at any time. */
const PACE_LOOK_MS = 1_000;

/**
 * Watches over an attempt until the answer's headers are there, with one deadline at a time; over a body that is held
 * until it is whole, the same watch goes on.
 *
 * Not every runtime's client says when it has connected. Where it does not, a silent server is asked after half the connect
 * time whether it still accepts connections, and only one that does not is given up early: a slow one keeps its time.
 */
export function watchHeaders(attempt: Attempt, request: AttemptRequest, tools: ForwardTools): void {
  new HeaderWatch(attempt, request, tools).begin();
}

class HeaderWatch {
  readonly #attempt: Attempt;
  readonly #request: AttemptRequest;
  readonly #tools: ForwardTools;
  #isProbed = false;

  constructor(attempt: Attempt, request: AttemptRequest, tools: ForwardTools) {
    this.#attempt = attempt;
    this.#request = request;
    this.#tools = tools;
  }

  begin(): void {
    const { startedMs } = this.#attempt;
    this.#arm(startedMs, Math.min(this.#dueMs(this.#turn()), this.#nextLookMs(startedMs)));
  }

  #look(): void {
    const attempt = this.#attempt;
    const { limits } = this.#request;
    const nowMs = this.#tools.host.time.monotonicMs();
    const turn = this.#turn();
    const dueMs = this.#dueMs(turn);
    if (dueMs <= nowMs) return giveUp(attempt, faultOf(turn, limits, nowMs - attempt.exchange.startedMs));
    watchClient(attempt);
    if (nowMs >= attempt.startedMs + LIFT_AFTER_MS) liftIdleLimit(attempt.exchange, this.#tools);
    if (nowMs >= this.#probeAtMs()) this.#probe();
    if (attempt.fault === undefined) this.#arm(nowMs, Math.min(dueMs, this.#nextLookMs(nowMs)));
  }

  #arm(nowMs: number, dueMs: number): void {
    if (dueMs < Infinity)
      this.#attempt.deadline = this.#tools.deadlines.after(dueMs - nowMs, () => this.#look(), nowMs);
  }

  #probe(): void {
    this.#isProbed = true;
    void probe(this.#attempt, this.#request.limits.connectMs / 2, this.#tools);
  }

  #nextLookMs(nowMs: number): number {
    const { startedMs } = this.#attempt;
    if (nowMs < startedMs + FIRST_LOOK_MS) return startedMs + FIRST_LOOK_MS;
    if (nowMs < startedMs + LIFT_AFTER_MS) return startedMs + LIFT_AFTER_MS;
    return Math.min(this.#probeAtMs(), this.#isPaced() ? nowMs + PACE_LOOK_MS : Infinity);
  }

  /** Whether a body is on its way that must keep up a pace. */
  #isPaced(): boolean {
    const { body } = this.#request;
    return body !== undefined && body.creditMs() < Infinity && this.#turn().whose !== "replier";
  }

  #probeAtMs(): number {
    const { connectMs, responseMs } = this.#request.limits;
    const isDue = !this.#isProbed && this.#tools.host.canConnect && connectMs < responseMs;
    return isDue ? this.#attempt.startedMs + connectMs / 2 : Infinity;
  }

  #turn(): Turn {
    const { answeredMs } = this.#attempt;
    if (!Number.isNaN(answeredMs)) return { whose: "teller", sinceMs: answeredMs };
    return this.#request.body?.turn() ?? { whose: "replier", sinceMs: this.#attempt.startedMs };
  }

  /** When patience ends: with whose turn it is, or with the whole exchange. */
  #dueMs(turn: Turn): number {
    const { responseMs, idleMs, totalMs } = this.#request.limits;
    const creditMs = turn.whose === "sender" ? (this.#request.body?.creditMs() ?? Infinity) : Infinity;
    const patienceMs = turn.whose === "replier" ? responseMs : Math.min(idleMs, creditMs);
    return Math.min(turn.sinceMs + patienceMs, this.#attempt.exchange.startedMs + totalMs);
  }
}

function faultOf(turn: Turn, limits: TimeLimits, exchangeMs: number): Fault {
  if (turn.whose === "teller") return "connection_read_timeout";
  if (exchangeMs >= limits.totalMs || turn.whose === "replier") return "http_response_timeout";
  return turn.whose === "sender" ? "slow_body" : "connection_write_timeout";
}

async function probe(attempt: Attempt, timeoutMs: number, tools: ForwardTools): Promise<void> {
  const { server, upstream } = attempt;
  const hasAnswered = (): boolean => (upstream.heardMs[server.place] as number) > attempt.startedMs;
  if (hasAnswered() || (await tools.host.canConnect?.(server, timeoutMs)) !== false) return;
  if (!hasAnswered()) giveUp(attempt, "connection_timeout");
}
