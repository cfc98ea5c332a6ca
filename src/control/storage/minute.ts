import type { Quantiles } from "../../board/histogram.ts";
import type { Totals } from "../../board/totals.ts";
import type { Point } from "./series-table.ts";

/** What was counted in a stretch of time. */
export interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Nothing was. */
export const nothing: Counted = { requests: 0, errors: 0, bytesIn: 0, bytesOut: 0 };

/** What was counted between two looks at the totals. */
export function countedSince(before: Totals, now: Totals): Counted {
  return {
    requests: now.requests - before.requests,
    errors: now.errors - before.errors,
    bytesIn: now.bytesIn - before.bytesIn,
    bytesOut: now.bytesOut - before.bytesOut,
  };
}

/** What was counted in both. */
export function addCounted(a: Counted, b: Counted): Counted {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
  };
}

/** How something stands at an instant. */
export interface Standing {
  readonly inflight: number;
  readonly load: number | null;
  readonly times: Quantiles | undefined;
}

/** The point of a minute. */
export function pointOf(at: number, counted: Counted, { inflight, load, times }: Standing): Point {
  const { p50 = null, p95 = null, p99 = null } = times ?? {};
  return { at, ...counted, inflight, load, p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) };
}

/** Whether nothing happened in a minute: such points are not stored. */
export function isIdle({ requests, bytesIn, bytesOut, inflight }: Point): boolean {
  return requests + bytesIn + bytesOut + inflight === 0;
}

/** The points with the running minute behind them; what was stored of it before a restart is added to it. */
export function withRunning(points: readonly Point[], running: Point): Point[] {
  const last = points.at(-1);
  if (last?.at !== running.at) return [...points, running];
  const { at, inflight } = running;
  const merged: Point = {
    at,
    ...addCounted(last, running),
    inflight,
    load: running.load ?? last.load,
    p50: running.p50 ?? last.p50,
    p95: running.p95 ?? last.p95,
    p99: running.p99 ?? last.p99,
  };
  return [...points.slice(0, -1), merged];
}

/** To a microsecond: more would pretend. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
