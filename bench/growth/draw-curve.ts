import { svgDocument, svgLine, svgText } from "../../src/cli/simulate/svg.ts";
import type { Curve } from "./curve.ts";

const width = 760;
const blockHeight = 230;
const plot = { left: 80, width: 640, height: 140 };

/** The curves one under the other: cost upward from 0, number to the right by powers of ten. */
export function drawCurves(title: string, curves: readonly Curve[]): string {
  const parts = curves.flatMap((curve, index) => drawCurve(curve, 56 + index * blockHeight));
  const height = 56 + curves.length * blockHeight;
  return svgDocument(title, [width, height], [svgText(title, { x: 24, y: 36, style: "title" }), ...parts]);
}

function drawCurve({ summary, unit, points }: Curve, top: number): string[] {
  const base = top + 30 + plot.height;
  const most = Math.max(...points.map(({ cost }) => cost)) * 1.15;
  const decades = Math.max(1, Math.log10(points.at(-1)?.count ?? 10));
  const places = points.map(({ count, cost }) => ({
    x: plot.left + (Math.log10(count) / decades) * plot.width,
    y: base - (cost / most) * plot.height,
    count,
    cost,
  }));
  return [
    svgText(`${summary}, ${unit}`, { x: 24, y: top + 16, style: "name" }),
    svgLine([plot.left, base], [plot.left + plot.width, base], "base"),
    ...places
      .slice(1)
      .map((to, index) => svgLine([places[index]?.x ?? 0, places[index]?.y ?? 0], [to.x, to.y], "thin")),
    ...places.flatMap(({ x, y, count, cost }) => [
      svgText(count.toLocaleString("en"), { x, y: base + 18, style: "soft mid" }),
      svgText(cost.toFixed(cost < 10 ? 2 : 0), { x, y: y - 8, style: "mid" }),
    ]),
  ];
}
