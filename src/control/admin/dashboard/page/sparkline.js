/** @import { Point } from "./live-series.js" */
import { setAttribute } from "./elements.js";
import { formatNumber } from "./format.js";

/** How much of the past it shows, seconds: the width of its picture. */
const seconds = 120;
const height = 24;

/**
 * Draws requests a second of the last two minutes, the present at the right.
 *
 * @param {{ readonly image: Element, readonly line: Element }} spark
 * @param {readonly Point[]} points
 */
export function drawSparkline({ image, line }, points) {
  const rates = points.slice(-seconds).map(({ requests }) => requests ?? 0);
  const most = Math.max(1, ...rates);
  const left = seconds - rates.length + 1;
  const places = rates.map((rate, at) => `${left + at} ${round(height - 1 - (rate / most) * (height - 3))}`);
  setAttribute(line, "d", places.length > 1 ? `M${places.join("L")}` : "");
  setAttribute(image, "aria-label", `Requests/s of the last 2 minutes: at most ${formatNumber(most)}`);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
