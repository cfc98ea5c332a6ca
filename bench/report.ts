import type { BenchCase, Limit, MeasureName, Row } from "./bench-case.ts";
import { columns, measureNames } from "./measures.ts";

/** A limit, and whether it holds. */
export interface Verdict {
  readonly text: string;
  readonly isMet: boolean;
}

/** What a case came to. */
export interface CaseResult {
  readonly bench: BenchCase;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

/** Holds what was measured against the case's limits; errors are never within them. */
export function judge(bench: BenchCase, rows: readonly Row[]): CaseResult {
  const noErrors = rows.map(({ peer }): Limit => ({ peer, measure: "errors", most: 0 }));
  const errors = noErrors.map((limit) => hold(limit, rows)).filter(({ isMet }) => !isMet);
  return { bench, rows, verdicts: [...bench.limits.map((limit) => hold(limit, rows)), ...errors] };
}

/** Writes a case as a section of Markdown. */
export function describeCase({ bench, rows, verdicts }: CaseResult): string {
  const names = measureNames.filter((name) =>
    rows.some(({ measures }) => isWorthShowing(name, measures[name])),
  );
  const lines = [
    ["", ...names.map((name) => columns[name].title)],
    ["---", ...names.map(() => "---:")],
    ...rows.map(({ peer, measures }) => [peer, ...names.map((name) => write(name, measures[name]))]),
  ];
  const table = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const limits = verdicts.map(({ text, isMet }) => `- ${isMet ? "met" : "**missed**"}: ${text}\n`).join("");
  return `## ${bench.name}\n\n${bench.summary}\n\n${table}\n${limits && `\n${limits}`}`;
}

function hold({ peer, measure, most }: Limit, rows: readonly Row[]): Verdict {
  const value = rows.find((row) => row.peer === peer)?.measures[measure];
  const text = `${peer}, ${columns[measure].title}: ${write(measure, value)}, at most ${most}`;
  return { text, isMet: value === undefined ? measure === "errors" : Number(value) <= most };
}

function isWorthShowing(name: MeasureName, value: number | string | undefined): boolean {
  if (name === "errors") return value !== undefined && value !== 0;
  return value !== undefined && !Number.isNaN(value);
}

function write(name: MeasureName, value: number | string | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : value.toFixed(columns[name].digits);
}
