import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";

/** Counts an attempt and takes it off the board, once: when its last byte was handed over, or when it failed. */
export function releaseAttempt(attempt: Attempt, { board, host }: ForwardTools): void {
  if (attempt.isReleased) return;
  attempt.isReleased = true;
  attempt.deadline?.stop();
  const { exchange, server, bytesOut } = attempt;
  const bytesIn = attempt.bytesIn + (attempt.body?.bytes() ?? 0);
  exchange.bytesIn = bytesIn;
  exchange.bytesOut = bytesOut;
  if (attempt.result !== undefined) board.recordAttempt(server.row, attempt.result, host.time.now());
  board.end(server.row);
  board.addBytes(server.row, bytesIn, bytesOut);
}
