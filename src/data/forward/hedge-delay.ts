import type { Sending } from "./sending.ts";

/** So many answers are needed before their 95th percentile says anything. */
const LEAST_SAMPLES = 20;

/** How long a percentile is used before it is looked up again, ms. */
const FRESH_MS = 1000;

/** After which time a second attempt is made, ms; undefined = never. */
export function hedgeDelayMs(sending: Sending): number | undefined {
  const { hedge } = sending.plan.upstream.config;
  if (hedge === false || sending.tried.length > 1) return undefined;
  const { method } = sending.exchange;
  if (method !== "GET" && method !== "HEAD") return undefined;
  return hedge === "p95" ? usualMs(sending) : hedge;
}

function usualMs({ plan: { upstream }, tools: { board, host } }: Sending): number | undefined {
  const now = host.time.now();
  const { usual } = upstream;
  if (now - usual.readAt >= FRESH_MS) {
    const rows = upstream.servers.map(({ row }) => row);
    const quantiles = board.quantilesOf(rows, now);
    usual.readAt = now;
    usual.p95Ms = quantiles && quantiles.count >= LEAST_SAMPLES ? quantiles.p95 : undefined;
  }
  return usual.p95Ms;
}
