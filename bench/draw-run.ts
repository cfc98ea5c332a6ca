import { svgDocument, svgLine, svgRect, svgText } from "../src/cli/simulate/svg.ts";
import type { Row } from "./bench-case.ts";
import type { CaseResult } from "./report.ts";

const width = 760;
const rowHeight = 20;
const headHeight = 42;
const bars = { left: 170, width: 430 };

/** The cases of a run that measured CPU, one block each: a bar for each peer, as long as its CPU per request. */
export function drawRun(title: string, results: readonly CaseResult[]): string {
  const drawn = results
    .map(({ bench, rows }) => ({ bench, rows: rows.filter(({ measures }) => cpuOf(measures) > 0) }))
    .filter(({ rows }) => rows.length > 0);
  const parts = [svgText(title, { x: 24, y: 36, style: "title" })];
  let top = 56;
  for (const { bench, rows } of drawn) {
    parts.push(
      svgText(bench.name, { x: 24, y: top + 16, style: "name" }),
      svgText(bench.summary, { x: bars.left, y: top + 16, style: "soft" }),
    );
    parts.push(...drawBars(rows, top + headHeight - 16));
    top += headHeight + rows.length * rowHeight;
  }
  return svgDocument(title, [width, top + 12], parts);
}

function drawBars(rows: readonly Row[], top: number): string[] {
  const most = Math.max(...rows.map(({ measures }) => cpuOf(measures)));
  const bottom = top + rows.length * rowHeight;
  return [
    svgLine([bars.left, top], [bars.left, bottom], "base"),
    ...rows.flatMap(({ peer, measures }, row) => {
      const y = top + row * rowHeight;
      const length = (cpuOf(measures) / most) * bars.width;
      const style = peer.startsWith("headgate") ? "flawed" : "bar";
      const words = `${cpuOf(measures).toFixed(1)} µs · ${Number(measures.cpuRatio).toFixed(2)} ×`;
      return [
        svgText(peer, { x: bars.left - 10, y: y + 14, style: "end" }),
        svgRect({ x: bars.left, y: y + 3, width: length, height: rowHeight - 6 }, style),
        svgText(words, { x: bars.left + length + 8, y: y + 14, style: "soft" }),
      ];
    }),
  ];
}

function cpuOf({ cpuUs }: Row["measures"]): number {
  return typeof cpuUs === "number" ? cpuUs : 0;
}
