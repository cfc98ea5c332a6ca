import { failurePenaltyMs } from "../balance/failure-penalty.ts";
import { isFailing, windowSeconds } from "../balance/passive-health.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";

/** A server that goes on failing is told of so often at the most, ms. */
const NOTIFY_EVERY_MS = 100;

/** Notes what an ended attempt says about its server; the control plane hears of it where it may have to act. */
export function reportHealth(attempt: Attempt, tools: ForwardTools): void {
  const { result } = attempt;
  const isBad = result !== undefined && isFailure(attempt, result);
  if (attempt.isTrial) reportTrial(attempt, isBad, tools);
  if (result === undefined) return;
  if (result === 0 || result >= 500) penalize(attempt, tools);
  if (isBad) reportFailure(attempt, tools);
  else tools.board.recordSuccess(attempt.server.row);
}

function reportTrial({ server, result }: Attempt, isBad: boolean, { notify }: ForwardTools): void {
  const verdict = isBad ? "failed" : "passed";
  notify({ type: "trial", row: server.row, outcome: result === undefined ? "lost" : verdict });
}

/** Any error counts as slow, whether or not servers are judged by it: errors come fast. */
function penalize({ server }: Attempt, { board, host }: ForwardTools): void {
  board.penalize(server.row, failurePenaltyMs, host.time.now());
}

function isFailure({ upstream }: Attempt, result: number): boolean {
  const { passive } = upstream.config.health;
  return result === 0 || (passive !== false && passive.status.includes(result));
}

/** A first look, so that the control plane is not told of every failure; it looks again before it acts. */
function reportFailure({ upstream, server }: Attempt, { board, host, notify }: ForwardTools): void {
  const { row, place } = server;
  const now = host.time.now();
  const failuresInARow = board.recordFailure(row, now);
  const { passive } = upstream.config.health;
  if (passive === false || now - (upstream.notifiedAt[place] as number) < NOTIFY_EVERY_MS) return;
  const recent = board.recent(row, windowSeconds(passive.window), now);
  if (!isFailing(passive, { ...recent, failuresInARow })) return;
  upstream.notifiedAt[place] = now;
  notify({ type: "failing", row, failuresInARow });
}
