import type { Quantiles } from "../../board/histogram.ts";
import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import { createTimeAxis, type TimeAxis } from "./time-axis.ts";
import { showTick } from "./words.ts";

const width = 64;

const legend = "● half are answered by then   ━ 95%   ─ 99%";

/** A line for each policy, for the terminal: from its median to its 99th percentile. */
export function plotRanges(results: readonly SimulationResult[]): string {
  const known = results.flatMap(({ responseTimeMs }) => responseTimeMs ?? []);
  if (known.length === 0) return "";
  const axis = createTimeAxis(
    Math.min(...known.map(({ p50 }) => p50)),
    Math.max(...known.map(({ p99 }) => p99)),
  );
  const margin = Math.max(...results.map(({ balance }) => balance.length)) + 2;
  const rows = results.map(
    ({ balance, responseTimeMs }) => balance.padEnd(margin) + drawRange(responseTimeMs, axis),
  );
  return [...rows, ...drawAxis(axis).map((line) => " ".repeat(margin) + line), " ".repeat(margin) + legend]
    .map((line) => line.trimEnd())
    .join("\n");
}

function drawRange(times: Quantiles | undefined, axis: TimeAxis): string {
  if (times === undefined) return "no request was answered";
  const [half, most, nearlyAll] = [times.p50, times.p95, times.p99].map((ms) => columnOf(ms, axis));
  return Array.from({ length: (nearlyAll ?? 0) + 1 }, (_, column) => {
    if (column < (half ?? 0)) return " ";
    if (column === half) return "●";
    return column <= (most ?? 0) ? "━" : "─";
  }).join("");
}

function drawAxis(axis: TimeAxis): [line: string, labels: string] {
  const line = Array.from({ length: width }, () => "╌");
  let labels = "";
  for (const ms of axis.ticks) {
    const column = columnOf(ms, axis);
    line[column] = "┴";
    if (column >= labels.length) labels = labels.padEnd(column) + `${showTick(ms)} `;
  }
  return [line.join(""), labels];
}

function columnOf(ms: number, axis: TimeAxis): number {
  return Math.round(axis.at(ms) * (width - 1));
}
