import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { reportHealth } from "./report-health.ts";

/** Takes an attempt off the board, once: when its last byte was handed over, or when it failed. */
export function releaseAttempt(attempt: Attempt, tools: ForwardTools): void {
  if (attempt.isReleased) return;
  attempt.isReleased = true;
  attempt.deadline?.stop();
  countAttempt(attempt, tools);
  const { exchange, server, bytesOut } = attempt;
  const bytesIn = attempt.bytesIn + (attempt.body?.bytes() ?? 0);
  exchange.bytesIn = bytesIn;
  exchange.bytesOut = bytesOut;
  attempt.span?.end(bytesIn, bytesOut);
  tools.board.end(server.row);
  tools.board.addBytes(server.row, bytesIn, bytesOut);
  attempt.upstream.line?.wake();
}

/** Counts what came of an attempt, once: at its end, or as soon as that is clear. */
export function countAttempt(attempt: Attempt, tools: ForwardTools): void {
  if (attempt.isCounted) return;
  attempt.isCounted = true;
  const { server, result, call } = attempt;
  const isSent = call !== undefined || result !== undefined;
  if (isSent) tools.board.recordAttempt(server.row, result, tools.host.time.now());
  reportHealth(attempt, tools);
}
