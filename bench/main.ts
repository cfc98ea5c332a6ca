/** Headgate beside others, in one run: `bun run bench [CASE …]`. */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { BenchCase } from "./bench-case.ts";
import { cases } from "./cases.ts";
import { drawRun } from "./draw-run.ts";
import { describeMachine, versionOf, watchMachine } from "./machine.ts";
import { parseOptions, usage } from "./options.ts";
import type { BenchOptions } from "./options.ts";
import { peers } from "./peers/peers.ts";
import type { Peer } from "./peers/peer.ts";
import { describeCase, judge } from "./report.ts";
import type { CaseResult } from "./report.ts";
import { withStage } from "./stage.ts";

process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(options: BenchOptions): Promise<number> {
  if (options.wantsHelp) {
    process.stdout.write(`${usage}\nCases:\n${describeCases()}`);
    return 0;
  }
  const chosen = chooseCases(options.cases);
  const watch = watchMachine();
  const results: CaseResult[] = [];
  for (const bench of chosen) {
    process.stderr.write(`${bench.name}: ${bench.summary} …\n`);
    const result = await runCase(bench, options);
    process.stdout.write(`\n${describeCase(result)}\n`);
    results.push(result);
  }
  const head = describeRun(options, watch.othersShare());
  process.stdout.write(`${head}\n`);
  if (options.isKept) await keep(head, results, options.cases);
  return options.isStrict && results.some(({ verdicts }) => verdicts.some(({ isMet }) => !isMet)) ? 1 : 0;
}

/** A case that cannot be run is a missed limit; the others go on. */
async function runCase(bench: BenchCase, options: BenchOptions): Promise<CaseResult> {
  try {
    return judge(bench, await withStage(bench, (stage) => bench.measure(stage, options)));
  } catch (error) {
    return { bench, rows: [], verdicts: [{ text: (error as Error).message, isMet: false }] };
  }
}

function chooseCases(names: readonly string[]): readonly BenchCase[] {
  const unknown = names.filter((name) => !cases.some((bench) => bench.name === name));
  if (unknown.length > 0)
    throw new Error(`Cannot run "${unknown.join(", ")}": the cases are\n${describeCases()}`);
  return names.length === 0 ? cases : cases.filter(({ name }) => names.includes(name));
}

function describeCases(): string {
  return cases.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}\n`).join("");
}

/** What a reader must know to believe the numbers, or not to. */
function describeRun({ rounds, seconds, cases: names }: BenchOptions, othersShare: number): string {
  const programs = [...new Set(Object.values<Peer>(peers).map(({ program }) => program))].filter(
    (program) => program !== undefined,
  );
  const seen = programs.map(
    (program) => `${program} ${versionOf(program) ?? "is not on the PATH and is missing"}`,
  );
  const command = ["bun run bench", ...names, `--rounds ${rounds} --seconds ${seconds}`].join(" ");
  return [
    `    ${command}\n`,
    `- Machine: ${describeMachine()}; other programs took ${Math.round(othersShare * 100)} % of it.`,
    `- Programs: Bun ${Bun.version}, ${seen.join(", ")}. Upstream: Bun.serve with fixed answers.`,
    `- × is the median over ${rounds} rounds of the ratio to the first in the same round; all else is the median of the rounds,`,
    "  RSS the largest. CPU is user and system time of the process tree. p50 and p99 are at a fixed rate.\n",
  ].join("\n");
}

/** A run of some cases never replaces that of all. */
async function keep(head: string, results: readonly CaseResult[], names: readonly string[]): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const stem = [date, ...names].join("-");
  const title = `Benchmark of ${date}`;
  const plot = `![CPU per request](${stem}.svg)`;
  const text = `# ${title}\n\n${head}\n${plot}\n\n${results.map(describeCase).join("\n")}`;
  const files = { [`${stem}.md`]: text, [`${stem}.svg`]: drawRun(`${title}: CPU per request`, results) };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(fileURLToPath(new URL(`results/${name}`, import.meta.url)), content);
    process.stderr.write(`Written to bench/results/${name}\n`);
  }
}
