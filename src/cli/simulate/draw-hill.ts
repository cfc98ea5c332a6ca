import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import { type Box, round, svgLine, svgText } from "./svg.ts";
import type { TimeAxis } from "./time-axis.ts";

/** Where a hill stands. */
export interface HillPlace {
  readonly axis: TimeAxis;
  readonly box: Box;
  /** Heights from 0 to 1, evenly spread over the box. */
  readonly density: readonly number[];
}

/** How response times are spread, as a hill, with their median, 95th and 99th percentile below. */
export function drawHill({ responseTimeMs }: SimulationResult, { axis, box, density }: HillPlace): string[] {
  const base = box.y + box.height;
  const ground = svgLine([box.x, base], [box.x + box.width, base], "base");
  if (responseTimeMs === undefined)
    return [ground, svgText("no request was answered", { x: box.x, y: base - 6, style: "bad" })];
  const [half, most, nearlyAll] = [responseTimeMs.p50, responseTimeMs.p95, responseTimeMs.p99].map(
    (ms) => box.x + axis.at(ms) * box.width,
  ) as [number, number, number];
  return [
    ground,
    `<path class="hill" d="${outline(box, density)}"/>`,
    svgLine([half, base], [nearlyAll, base], "thin"),
    svgLine([nearlyAll, base - 5], [nearlyAll, base + 5], "thin"),
    svgLine([half, base], [most, base], "thick"),
    `<circle class="dot" cx="${round(half)}" cy="${round(base)}" r="4"/>`,
  ];
}

function outline({ x, y, width, height }: Box, density: readonly number[]): string {
  const base = y + height;
  const step = width / (density.length - 1);
  const tops = density.map((share, at) => `L${round(x + at * step)} ${round(base - share * height)}`);
  return `M${x} ${base}${tops.join("")}L${x + width} ${base}Z`;
}
