import type { Server } from "../upstream/server.ts";
import type { Sending } from "./sending.ts";

const MAX_BACKOFF_MS = 250;

/**
 * Counts a retry, and waits a little: by chance, so that clients that failed together do not come back together, and up
 * to twice as long each time.
 *
 * Source: Brooker, "Exponential Backoff and Jitter", 2015: full jitter.
 */
export function beforeRetry(server: Server, { plan, tools, exchange }: Sending): Promise<void> {
  const { board, host, deadlines } = tools;
  board.recordRetry(server.row, host.time.now());
  const { backoff } = plan.upstream.config.retry;
  const mostMs = Math.min(MAX_BACKOFF_MS, backoff * 2 ** (exchange.attempts.length - 1));
  if (mostMs === 0) return Promise.resolve();
  return new Promise((resolve) => void deadlines.after(host.random() * mostMs, resolve));
}
