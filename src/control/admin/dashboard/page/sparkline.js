/** @import { Point } from "./live-series.js" */
import { setAttribute } from "./elements.js";
import { formatNumber } from "./format.js";

/** How much of the past it shows, seconds: the width of its picture. */
const seconds = 120;
const height = 24;

/**
 * Draws requests a second of the last two minutes, the present at the right.
 *
 * @param {Element} line
 * @param {readonly Point[]} points
 */
export function drawSparkline(line, points) {
  const rates = ratesOf(points);
  const most = Math.max(1, ...rates);
  const left = seconds - rates.length + 1;
  const places = rates.map((rate, at) => `${left + at} ${round(height - 1 - (rate / most) * (height - 3))}`);
  setAttribute(line, "d", places.length > 1 ? `M${places.join("L")}` : "");
}

/**
 * Says in words what the picture shows.
 *
 * @param {Element} image
 * @param {readonly Point[]} points
 */
export function describeSparkline(image, points) {
  const most = formatNumber(Math.max(0, ...ratesOf(points)));
  setAttribute(image, "aria-label", `Requests/s of the last 2 minutes: at most ${most}`);
}

/** @param {readonly Point[]} points */
function ratesOf(points) {
  return points.slice(-seconds).map(({ requests }) => requests ?? 0);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
