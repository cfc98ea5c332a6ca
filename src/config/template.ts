import type { LinearMatch, LinearRegex } from "./linear-regex.ts";

/** A replacement, read: texts that stand there, and groups of the match by their number or name. */
export type Template = readonly (string | { readonly group: number | string })[];

/**
 * Reads what a match is replaced with: `$1`, `$<name>`, `$&` and `$$` as in JavaScript. `$1` without such a group, and
 * what else a `$` stands before, are plain text.
 */
export function parseTemplate(text: string): Template {
  const parts: (string | { group: number | string })[] = [];
  let from = 0;
  for (const { 0: token, index, groups } of text.matchAll(
    /\$(?:\$|&|(?<number>\d{1,2})|<(?<name>[^>]+)>)/g,
  )) {
    parts.push(text.slice(from, index), partOf(token, groups));
    from = index + token.length;
  }
  return [...parts, text.slice(from)];
}

function partOf(
  token: string,
  groups: Record<string, string> | undefined,
): string | { group: number | string } {
  if (token === "$$") return "$";
  if (token === "$&") return { group: 0 };
  return { group: groups?.["name"] ?? Number(groups?.["number"]) };
}

/** What stands in place of a match. */
export function fillTemplate(template: Template, match: LinearMatch): string {
  return template.map((part) => (typeof part === "string" ? part : groupOf(match, part.group))).join("");
}

function groupOf(match: LinearMatch, group: number | string): string {
  return match.group(group) ?? (typeof group === "number" ? `$${group}` : "");
}

/** Replaces the first match, or all where the expression is global. */
export function replaceMatches(text: string, regex: LinearRegex, template: Template): string {
  const search = regex.search(text);
  const parts: string[] = [];
  let from = 0;
  for (let match = search(0); match; match = regex.isGlobal ? search(searchFrom(text, match)) : undefined) {
    parts.push(text.slice(from, match.start), fillTemplate(template, match));
    from = match.end;
  }
  return parts.join("") + text.slice(from);
}

/** Where the search goes on behind a match: behind an empty one, a character later. */
export function searchFrom(text: string, { start, end }: LinearMatch): number {
  if (end > start) return end;
  return end + ((text.codePointAt(end) ?? 0) > 0xff_ff ? 2 : 1);
}
