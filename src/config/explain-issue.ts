import type { BaseIssue } from "valibot";
import { didYouMean } from "./did-you-mean.ts";
import { type Finding, type Path, atBlock, atKey, atValue } from "./problem.ts";

type Issue = BaseIssue<unknown>;

/** What a validation issue says to the person who wrote the configuration; one issue may stand for several unknown keys. */
export function explainIssue(issue: Issue): Finding[] {
  const path = pathOf(issue);
  const last = issue.path?.at(-1);
  if (issue.type !== "strict_object" || last?.origin !== "key") return [explainValue(path, issue)];
  const entries = issue.requirement as Record<string, unknown>;
  const key = String(last.key);
  if (Object.hasOwn(entries, key)) return [atBlock(path, `missing: write ${allowedBy(entries[key])}`)];
  return explainUnknown(path.slice(0, -1), last.input, Object.keys(entries));
}

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

function explainValue(path: Path, { message, path: items }: Issue): Finding {
  const isKey = items?.at(-1)?.origin === "key";
  if (isKey) return atKey(path, `cannot use this key: write ${message}`);
  return atValue(path, (shown) => `cannot use ${shown}: write ${message}`);
}

function explainUnknown(parent: Path, block: unknown, known: string[]): Finding[] {
  const unknown = Object.keys(block as object).filter((key) => !known.includes(key));
  return unknown.map((key) => atKey(parent.concat(key), describeUnknown(key, known)));
}

function describeUnknown(key: string, known: string[]): string {
  const meant = didYouMean(key, known);
  return meant === undefined
    ? `unknown key: allowed here are ${known.join(", ")}`
    : `unknown key, did you mean ${JSON.stringify(meant)}?`;
}

type Described = {
  readonly message?: unknown;
  readonly wrapped?: unknown;
  readonly options?: readonly unknown[];
};

/** What a schema allows, in the words of its own messages. */
function allowedBy(schema: unknown): string {
  const { message, wrapped, options } = schema as Described;
  if (typeof message === "string") return message;
  if (wrapped !== undefined) return allowedBy(wrapped);
  return [...new Set((options ?? []).map(allowedBy))].join(", or ");
}
