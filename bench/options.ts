import { parseArgs } from "node:util";

/** What a run of the benchmark is asked for. */
export interface BenchOptions {
  /** Names of cases; none = all. */
  readonly cases: readonly string[];
  readonly rounds: number;
  /** How long one measurement of one peer in one round loads it. */
  readonly seconds: number;
  /** Whether a missed limit makes the exit code 1. */
  readonly isStrict: boolean;
  /** Whether the results are kept in a file. */
  readonly isKept: boolean;
  readonly wantsHelp: boolean;
}

/** The help of `bun run bench`. */
export const usage = `Usage: bun run bench [CASE …] [--rounds N] [--seconds S] [--quick] [--strict]

  --rounds N    how often all peers are measured in turn (default 5)
  --seconds S   how long one measurement lasts (default 2)
  --quick       one round of half a second, and no file: whether everything works
  --strict      a missed limit makes the exit code 1
`;

/** Reads the arguments. Throws where they cannot be understood. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    cases: positionals,
    rounds: Math.ceil(toPositive("--rounds", values.rounds, values.quick ? 1 : 5)),
    seconds: toPositive("--seconds", values.seconds, values.quick ? 0.5 : 2),
    isStrict: values.strict,
    isKept: !values.quick,
    wantsHelp: values.help,
  };
}

function toPositive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (value > 0) return value;
  throw new Error(`Cannot use ${name} "${text}": a number above 0 is allowed`);
}
