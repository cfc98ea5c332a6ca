import { LineCounter, isCollection, isPair, isScalar, parseDocument, visit } from "yaml";
import type { Document, Node, YAMLError } from "yaml";
import { type Environment, substitute } from "./environment.ts";
import { type Finding, type Path, type Problem, formatPath } from "./problem.ts";
import { findPlace, pathFrom } from "./yaml-place.ts";

/** How often aliases may be followed in one file: far more than people write, far less than an alias bomb needs. */
const maxAliasCount = 1000;

/** Levels of a text: ten times what the configuration has. Deeper ones take minutes to look at. */
const maxDepth = 100;

/** A YAML text with its variables replaced, and the way from a path back to its line. */
export type YamlSource = {
  /** The value of the text; undefined when it could not be read at all. */
  readonly value: unknown;
  /** What is wrong with the text itself: syntax, duplicate keys, variables. */
  readonly faults: readonly Problem[];
  /** Where a finding points to. */
  readonly positionOf: (finding: Finding) => { line: number; column: number };
  /** The variables that the value at the path was made of. */
  readonly variablesAt: (path: Path) => readonly string[];
};

type ReadOptions = { readonly file: string; readonly env: Environment };

/** Reads a YAML text; never throws, whatever the text is. */
export function readYaml(text: string, options: ReadOptions): YamlSource {
  try {
    return readDocument(text, options);
  } catch (error) {
    const message = error instanceof ReferenceError ? "cannot follow the aliases" : "cannot read the text";
    const reason = error instanceof RangeError ? "it is nested too deeply" : describeAliases;
    return unreadable([
      { file: options.file, line: 1, column: 1, path: "", message: `${message}: ${reason}` },
    ]);
  }
}

const describeAliases =
  "an alias needs an anchor before it, outside itself, and at most 1000 may be followed";

function readDocument(text: string, { file, env }: ReadOptions): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset: number) => toPosition(lines, offset);
  const faultAt = (offset: number, message: string, path = ""): Problem => ({
    file,
    ...at(offset),
    path,
    message,
  });
  const syntax = [...document.errors, ...document.warnings].map((error) =>
    faultAt(error.pos[0], describeSyntax(error)),
  );
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) return unreadable(withoutRepeats(syntax));
  if (isDeeper(document.contents, maxDepth))
    return unreadable([faultAt(0, `cannot read the text: it is nested deeper than ${maxDepth} levels`)]);
  const variables = replaceVariables(document, env);
  const faults = variables.faults.map(({ offset, message, path }) => faultAt(offset, message, path));
  return {
    value: document.toJS({ maxAliasCount }) as unknown,
    faults: [...syntax, ...faults],
    positionOf: (finding) => at(offsetOf(document, finding)),
    variablesAt: (path) => variables.namesOf(findPlace(document, path).value),
  };
}

/** Whether anything lies below so many levels; without calling itself, as the text may be deeper than the stack. */
function isDeeper(root: unknown, levels: number): boolean {
  let level: readonly unknown[] = [root];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((node) => {
      const items: readonly unknown[] = isCollection(node) ? node.items : [];
      return items.flatMap((item) => (isPair(item) ? [item.key, item.value] : [item]));
    });
    if (level.length === 0) return false;
  }
  return true;
}

/** Only the first fault of a line: the parser goes on to report what follows from it. */
function withoutRepeats(faults: Problem[]): Problem[] {
  return [...new Map(faults.toReversed().map((fault) => [fault.line, fault])).values()].toReversed();
}

function unreadable(faults: Problem[]): YamlSource {
  return { value: undefined, faults, positionOf: () => ({ line: 1, column: 1 }), variablesAt: () => [] };
}

function describeSyntax({ code, message }: YAMLError): string {
  if (code === "DUPLICATE_KEY") return "this key stands here twice: a key may be given once";
  return `cannot read the YAML: ${message.replaceAll(/:? *"(?:[^"\\]|\\.)*"/gs, "")}`; // quotes may hold secrets
}

function toPosition(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

type VariableFault = { readonly offset: number; readonly path: string; readonly message: string };

type Replaced = {
  readonly faults: readonly VariableFault[];
  readonly namesOf: (node: Node | undefined) => readonly string[];
};

function replaceVariables(document: Document, env: Environment): Replaced {
  const names = new Map<unknown, readonly string[]>();
  const faults: VariableFault[] = [];
  visit(document, {
    Scalar(key, node, above) {
      if (key === "key" || typeof node.value !== "string") return;
      const result = substitute(node.value, env);
      node.value = result.text;
      if (result.names.length > 0) names.set(node, result.names);
      const place = { offset: node.range?.[0] ?? 0, path: formatPath(pathFrom(above, node)) };
      faults.push(...result.faults.map((message) => Object.assign({ message }, place)));
    },
  });
  return { faults, namesOf: (node) => (isScalar(node) ? names.get(node) : undefined) ?? [] };
}

function offsetOf(document: Document, { path, at }: Finding): number {
  const { isWhole, key, value } = findPlace(document, path);
  const pointsAtValue = isWhole && at === "value" && !isEmpty(value);
  const node = pointsAtValue ? value : (key ?? value);
  return node?.range?.[0] ?? 0;
}

function isEmpty(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null);
}
