import { giveUp } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { KeptBody } from "./kept-body.ts";

/** Starts an attempt on a server whose place was taken on the board. */
export function createAttempt(
  place: Pick<Attempt, "exchange" | "upstream" | "server">,
  body: KeptBody | undefined,
  { host, board, notify }: ForwardTools,
): Attempt {
  const { row } = place.server;
  const isTrial = board.state(row) === "ejected";
  if (isTrial) notify({ type: "trial", row, outcome: "begun" });
  const attempt: Attempt = {
    ...place,
    body,
    startedMs: host.time.monotonicMs(),
    cut: new AbortController(),
    fault: undefined,
    deadline: undefined,
    onCut: undefined,
    bytesIn: 0,
    bytesOut: 0,
    result: undefined,
    isTrial,
    isCounted: false,
    isReleased: false,
  };
  watchClient(attempt);
  return attempt;
}

/** A client that leaves takes its attempt along. */
function watchClient(attempt: Attempt): void {
  const { signal } = attempt.exchange.request;
  const leave = (): void => giveUp(attempt, "client_left");
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
}
