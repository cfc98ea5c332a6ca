import { Attempt, watchClient } from "./attempt.ts";
import type { AttemptPlace } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { KeptBody } from "./body/kept-body.ts";

/**
 * Starts an attempt on a server whose place was taken on the board.
 *
 * Listening for the client's leaving costs more than most of what we do for a request. Where the runtime still tells it
 * later, a request without a body is listened for only once it has taken a while.
 */
export function createAttempt(
  place: AttemptPlace,
  body: KeptBody | undefined,
  { host, board, notify }: ForwardTools,
): Attempt {
  const { row } = place.server;
  const isTrial = board.state(row) === "ejected";
  if (isTrial) notify({ type: "trial", row, outcome: "begun" });
  const attempt = new Attempt(place, { body, startedMs: host.time.monotonicMs(), isTrial });
  if (body !== undefined || !host.tellsLateOfLeaving) watchClient(attempt);
  return attempt;
}
