import type { ErrorFacts } from "./error-page.ts";
import { escapeHtml } from "./escape-html.ts";

/** A page of the site's own, read: texts that stand there, and variables between them. */
export interface ErrorTemplate {
  readonly parts: readonly (string | { readonly variable: Variable })[];
}

/** What a page can show. */
export const errorVariables = ["status", "reason", "message", "requestId", "host", "path"] as const;

type Variable = (typeof errorVariables)[number];

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Reads a page. Placeholders that are no variable stay as they are: see `unknownVariables`. */
export function parseErrorTemplate(page: string): ErrorTemplate {
  const parts: (string | { variable: Variable })[] = [];
  let from = 0;
  for (const { 0: placeholder, 1: name = "", index } of page.matchAll(PLACEHOLDER)) {
    if (!isVariable(name)) continue;
    parts.push(page.slice(from, index), { variable: name });
    from = index + placeholder.length;
  }
  return { parts: [...parts, page.slice(from)] };
}

/** The placeholders of a page that are no variable, as they are written. */
export function unknownVariables(page: string): readonly string[] {
  return [...page.matchAll(PLACEHOLDER)].filter(([, name = ""]) => !isVariable(name)).map(([text]) => text);
}

/** Fills a page; whatever a client may have written becomes harmless text. */
export function fillErrorTemplate({ parts }: ErrorTemplate, facts: ErrorFacts): string {
  return parts
    .map((part) => (typeof part === "string" ? part : escapeHtml(valueOf(part.variable, facts))))
    .join("");
}

function isVariable(name: string): name is Variable {
  return (errorVariables as readonly string[]).includes(name);
}

function valueOf(variable: Variable, facts: ErrorFacts): string {
  return variable === "message" ? messageOf(facts) : String(facts[variable]);
}

/** What happened, in one sentence without a full stop. */
export function messageOf({ title, detail }: Pick<ErrorFacts, "title" | "detail">): string {
  return detail === undefined ? title : `${title}: ${detail}`;
}
