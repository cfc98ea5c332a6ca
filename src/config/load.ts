import type { Config } from "./config.ts";
import type { Purpose } from "./cross-checks.ts";
import type { Environment } from "./environment.ts";
import { type Finding, type Path, type Problem, atValue, formatPath } from "./problem.ts";
import { showValue } from "./show-value.ts";
import { validate } from "./validate.ts";
import { type YamlSource, readYaml } from "./yaml-source.ts";

/** What a text needs to become a configuration. */
export type LoadOptions = {
  /** The name of the file, for the problems. */
  readonly file: string;
  readonly env: Environment;
  /** Default: a program of its own. */
  readonly purpose?: Purpose;
};

/** A valid configuration. */
export type LoadedConfig = {
  readonly config: Config;
  /** A problem that somebody else found with the value at a path, such as a file that cannot be opened. */
  readonly problemAt: (path: Path, message: string) => Problem;
};

/** A valid configuration, or everything that is wrong, in the order of the file. */
export type Loaded = LoadedConfig | { readonly problems: readonly Problem[] };

/** Reads a configuration file. Never throws: whatever is wrong with the text is a problem. */
export function loadConfig(text: string, options: LoadOptions): Loaded {
  const source = readYaml(text, options);
  if (source.value === undefined && source.faults.length > 0) return { problems: source.faults };
  const locate = (finding: Finding) => describeFinding(finding, source, options.file);
  const result = validate(source.value, options.purpose ?? "program");
  if ("config" in result && source.faults.length === 0) return withProblemAt(result.config, locate);
  const findings = "findings" in result ? result.findings : [];
  const others = findings
    .map(locate)
    .filter((problem) => !source.faults.some((fault) => isSamePlace(problem, fault)));
  return { problems: [...source.faults, ...others].toSorted(byPosition) };
}

/** The same for a value that is no text: what a library is given, without positions, and with listeners optional. */
export function parseConfigValue(value: unknown, purpose: Purpose = "library"): Loaded {
  const source: Origin = { value, positionOf: () => ({ line: 0, column: 0 }), variablesAt: () => [] };
  const locate = (finding: Finding) => describeFinding(finding, source, "");
  const result = validate(value, purpose);
  if ("config" in result) return withProblemAt(result.config, locate);
  return { problems: result.findings.map(locate) };
}

type Origin = Omit<YamlSource, "faults">;

function withProblemAt(config: Config, locate: (finding: Finding) => Problem): LoadedConfig {
  return { config, problemAt: (path, message) => locate(atValue(path, () => message)) };
}

function describeFinding(finding: Finding, source: Origin, file: string): Problem {
  const { path, tell } = finding;
  const shown = showValue(follow(source.value, path), path, source.variablesAt(path));
  return { file, ...source.positionOf(finding), path: formatPath(path), message: tell(shown) };
}

function follow(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => (isObject(inner) ? inner[part] : undefined), value);
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

/** What cannot be read at all needs no word on what it is not. */
function isSamePlace(a: Problem, b: Problem): boolean {
  return byPosition(a, b) === 0;
}

function byPosition(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
