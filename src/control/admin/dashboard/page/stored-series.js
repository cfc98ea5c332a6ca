/** @import { HistoryAnswer } from "../../answers.ts" */
/** @import { Point } from "./live-series.js" */

/**
 * Stored minutes as points of the plots: numbers a second, and zeros for the minutes in which nothing happened.
 *
 * @param {HistoryAnswer} history
 * @param {number} now ms since 1970; the last minute is still running
 * @returns {Point[]}
 */
export function pointsOfHistory({ stepMs, points }, now) {
  return points.flatMap((point, index) => {
    const { at, requests, errors, p50, p95, p99 } = point;
    const seconds = Math.max(1, Math.min(stepMs, now - at) / 1000);
    const made = { at, requests: requests / seconds, errors: errors / seconds, p50, p95, p99 };
    const next = points[index + 1];
    return next && next.at > at + stepMs ? [made, ...idleBetween(at + stepMs, next.at - stepMs)] : [made];
  });
}

/**
 * The ends of a time without traffic.
 *
 * @param {number} from
 * @param {number} to
 * @returns {Point[]}
 */
function idleBetween(from, to) {
  const idle = { requests: 0, errors: 0, p50: null, p95: null, p99: null };
  return from === to
    ? [{ ...idle, at: from }]
    : [
        { ...idle, at: from },
        { ...idle, at: to },
      ];
}
