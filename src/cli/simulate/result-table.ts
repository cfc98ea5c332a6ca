import type { Quantiles } from "../../board/histogram.ts";
import type { SimulationResult } from "../../data/balance/simulate/simulate.ts";
import { showMs, showPercent } from "./words.ts";

/** One number of each result. */
export interface Column {
  readonly title: string;
  /** NaN where there is none. */
  readonly value: (result: SimulationResult) => number;
  readonly show: (value: number) => string;
  /** How far from the best, in proportion, still counts as the best; default 0, and then what is shown decides. */
  readonly tolerance?: number;
  readonly isHigherBetter?: true;
}

/** Times are read off buckets that are about 4 % wide: those of two neighbours may be the same. */
const timeTolerance = 0.042;

/** The columns, the most important first. */
export const columns: readonly Column[] = [
  timeColumn("p50"),
  timeColumn("p95"),
  timeColumn("p99"),
  { title: "errors", value: ({ errors, requests }) => errors / requests, show: showPercent },
  { title: "attempts", value: ({ attempts, requests }) => attempts / requests, show: showFixed(3) },
  { title: "max/mean", value: ({ evenness }) => evenness.maxOverMean, show: showFixed(2) },
  { title: "Jain", value: ({ evenness }) => evenness.jain, show: showFixed(3), isHigherBetter: true },
];

/** The results as a table, the best of each column marked by a star, unless all are as good. */
export function formatResults(results: readonly SimulationResult[]): string {
  const cells = columns.map((column) => showColumn(column, results));
  const names = ["policy", ...results.map(({ balance }) => balance)];
  const all = [names, ...cells];
  const widths = all.map((column) => Math.max(...column.map(({ length }) => length)));
  return names
    .map((name, row) =>
      [name.padEnd(widths[0] ?? 0), ...cells.map((column, at) => column[row]?.padStart(widths[at + 1] ?? 0))]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function showColumn(column: Column, results: readonly SimulationResult[]): string[] {
  const isBest = bestRows(column, results);
  const cells = results.map(column.value).map((value, row) => {
    const shown = Number.isNaN(value) ? "-" : column.show(value);
    return `${shown}${isBest[row] ? "*" : " "}`;
  });
  return [`${column.title} `, ...cells];
}

/** Which results are the best in a column, or as good; none where all are. */
export function bestRows(column: Column, results: readonly SimulationResult[]): boolean[] {
  const values = results.map(column.value);
  const known = values.filter((value) => !Number.isNaN(value));
  const best = column.isHigherBetter ? Math.max(...known) : Math.min(...known);
  const isBest = values.map((value) => isAsGood(column, value, best));
  return isBest.every(Boolean) ? isBest.map(() => false) : isBest;
}

function isAsGood({ show, tolerance = 0 }: Column, value: number, best: number): boolean {
  return show(value) === show(best) || Math.abs(value - best) <= tolerance * best;
}

function timeColumn(quantile: Exclude<keyof Quantiles, "count" | "sumMs">): Column {
  return {
    title: quantile,
    value: ({ responseTimeMs }) => responseTimeMs?.[quantile] ?? Number.NaN,
    show: showMs,
    tolerance: timeTolerance,
  };
}

function showFixed(digits: number): (value: number) => string {
  return (value) => value.toFixed(digits);
}
