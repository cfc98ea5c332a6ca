import { isPattern } from "../../../config/pattern.ts";
import { passedMethods } from "../../../http/methods.ts";
import { escapeRegex } from "./escape-regex.ts";
import { translatePath } from "./path-match.ts";
import type { FieldMatch, Match } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** A match in the words of the configuration, and how it stands among others. */
export interface MatchPlan {
  /** The keys of a route that say which requests it takes. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** The prefix that its requests have in common; undefined where it is not by prefix. */
  readonly prefix: string | undefined;
  /** Compared number by number: where the first larger one stands, that match comes first. */
  readonly rank: readonly number[];
}

/** Translates a match. Throws `Unsupported` where it would take other requests than it says. */
export function translateMatch(match: Match): MatchPlan {
  const { prefix, kindRank, length, ...path } = translatePath(match.path);
  const headers = translateFields("header", match.headers, (name) => name.toLowerCase());
  const query = translateFields("query parameter", match.queryParams, (name) => name);
  return {
    conditions: { ...path, ...translateMethod(match.method), headers, query },
    prefix,
    rank: [
      kindRank,
      length,
      Number(match.method !== undefined),
      Object.keys(headers).length,
      Object.keys(query).length,
    ],
  };
}

function translateMethod(method: string | undefined): { readonly methods?: readonly string[] } {
  if (method === undefined) return {};
  if (passedMethods.some((passed) => passed === method)) return { methods: [method] };
  throw new Unsupported(`the method ${JSON.stringify(method)} is never passed on`);
}

/** Of several that name the same field, the first counts. */
function translateFields(
  what: string,
  matches: readonly FieldMatch[],
  canonical: (name: string) => string,
): Record<string, string> {
  const entries = matches.map(
    (match) => [canonical(match.name), toCondition(`${what} ${JSON.stringify(match.name)}`, match)] as const,
  );
  return Object.fromEntries(entries.toReversed());
}

function toCondition(what: string, { type, value }: FieldMatch): string {
  if (type === "Exact") return isSpecial(value) ? `/^${escapeRegex(value)}$/` : value;
  if (type !== "RegularExpression")
    throw new Unsupported(`the match type ${JSON.stringify(type)} of the ${what} is not known`);
  const condition = `/^(?:${value})$/`;
  if (isPattern(condition)) return condition;
  throw new Unsupported(
    `the ${what} is matched with ${JSON.stringify(value)}: no regular expression without lookarounds and back-references`,
  );
}

/** Whether the configuration would read the text as something else than itself. */
function isSpecial(value: string): boolean {
  return value === "*" || value.startsWith("/");
}
