import { quantile } from "../../board/histogram.ts";
import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import { densityOn } from "./density.ts";
import { barsOf, drawBars, greatestBar } from "./draw-bars.ts";
import { drawHill } from "./draw-hill.ts";
import { bestRows, columns } from "./result-table.ts";
import type { Scenario } from "./scenario.ts";
import { type Box, svgDocument, svgLine, svgText } from "./svg.ts";
import { createTimeAxis, type TimeAxis } from "./time-axis.ts";
import { describeScenario, showTick } from "./words.ts";

const width = 1000;
const rowHeight = 54;
const hills = { left: 160, width: 340 };
const bars = { left: 806, width: 168 };
/** Right edges of the columns of numbers: p50, p95, p99, errors. */
const numberEdges = [584, 650, 716, 780];

/**
 * The comparison as SVG, a row for each policy: how its response times are spread, the numbers, and what each server
 * got.
 */
export function drawComparison(scenario: Scenario, results: readonly SimulationResult[]): string {
  const lines = describeScenario(scenario);
  const top = 66 + lines.length * 17;
  const bottom = top + results.length * rowHeight;
  const axis = axisFor(results);
  const parts = [
    svgText("How long requests took, policy by policy", { x: 24, y: 36, style: "title" }),
    ...lines.map((line, at) => svgText(line, { x: 24, y: 57 + at * 17, style: "soft" })),
    ...drawHeads(top),
    ...drawGrid(axis, top, bottom),
    ...drawRows(scenario, results, { axis, top }),
    ...drawLegend(scenario, bottom + 40),
  ];
  return svgDocument(`Policies compared: ${lines[0] ?? ""}`, [width, bottom + 58], parts);
}

/** From where the first answers come to where nearly all have. */
function axisFor(results: readonly SimulationResult[]): TimeAxis {
  const known = results.map(({ responseTimes }) => responseTimes).filter(({ count }) => count > 0);
  if (known.length === 0) return createTimeAxis(1, 1000);
  return createTimeAxis(
    Math.min(...known.map((times) => quantile(times, 0.005))),
    Math.max(...known.map((times) => quantile(times, 0.99))),
  );
}

function drawHeads(top: number): string[] {
  const y = top - 2;
  const shown = columns.slice(0, numberEdges.length);
  return [
    ...shown.map(({ title }, at) => svgText(title, { x: numberEdges[at] ?? 0, y, style: "soft end" })),
    svgText("attempts by server", { x: bars.left, y, style: "soft" }),
  ];
}

function drawLegend({ servers }: Scenario, y: number): string[] {
  const isAnyFlawed = servers.some(({ flaw }) => flaw !== undefined);
  return [
    svgText("response time: ○ half are answered, ━ 95%, ─ 99%", { x: hills.left, y, style: "soft" }),
    svgText(isAnyFlawed ? "dashed: fair; orange: flawed" : "dashed: fair", {
      x: bars.left,
      y,
      style: "soft",
    }),
  ];
}

function drawGrid(axis: TimeAxis, top: number, bottom: number): string[] {
  return axis.ticks.flatMap((ms) => {
    const x = hills.left + axis.at(ms) * hills.width;
    return [
      svgLine([x, top + 8], [x, bottom + 4], "grid"),
      svgText(showTick(ms), { x, y: bottom + 20, style: "soft mid" }),
    ];
  });
}

function drawRows(
  { servers }: Scenario,
  results: readonly SimulationResult[],
  { axis, top }: { readonly axis: TimeAxis; readonly top: number },
): string[] {
  const densities = results.map(({ responseTimes }) => densityOn(axis, responseTimes));
  const highest = Math.max(...densities.flat(), Number.MIN_VALUE);
  const shares = results.map(({ attemptsByServer }) => barsOf(attemptsByServer, servers));
  const most = greatestBar(shares);
  return results.flatMap((result, row) => {
    const base = top + (row + 1) * rowHeight - 8;
    const box = (place: { left: number; width: number }): Box => ({
      x: place.left,
      y: base - rowHeight + 18,
      width: place.width,
      height: rowHeight - 18,
    });
    return [
      svgText(result.balance, { x: hills.left - 14, y: base - 2, style: "name end" }),
      ...drawHill(result, {
        axis,
        box: box(hills),
        density: (densities[row] ?? []).map((share) => share / highest),
      }),
      ...drawNumbers(results, row, base),
      ...drawBars(shares[row] ?? [], most, box(bars)),
    ];
  });
}

function drawNumbers(results: readonly SimulationResult[], row: number, base: number): string[] {
  const result = results[row] as SimulationResult;
  return columns.slice(0, numberEdges.length).map((column, at) => {
    const value = column.value(result);
    const style = bestRows(column, results)[row] ? "num best" : "num";
    return svgText(Number.isNaN(value) ? "–" : column.show(value), {
      x: numberEdges[at] ?? 0,
      y: base - 2,
      style,
    });
  });
}
