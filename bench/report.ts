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

function hold(limit: Limit, rows: readonly Row[]): Verdict {
  const { peer, measure, times, most = Infinity, least = -Infinity } = limit;
  const of = (name: string): number | string | undefined =>
    rows.find((row) => row.peer === name)?.measures[measure];
  const value = times === undefined ? of(peer) : (Number(of(peer)) / Number(of(times))).toFixed(2);
  const text = `${peer}, ${columns[measure].title}${times === undefined ? "" : ` ÷ ${times}'s`}`;
  const isMet = value === undefined ? measure === "errors" : Number(value) <= most && Number(value) >= least;
  const bound = limit.most === undefined ? `at least ${least}` : `at most ${most}`;
  return { text: `${text}: ${write(measure, value)}, ${bound}`, isMet };
}

function isWorthShowing(name: MeasureName, value: number | string | undefined): boolean {
  if (name === "errors") return value !== undefined && value !== 0;
  return value !== undefined && !Number.isNaN(value);
}

function write(name: MeasureName, value: number | string | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : value.toFixed(columns[name].digits);
}
