import type { OutgoingFields } from "../http/outgoing-answer.ts";
import type { Config } from "../config/config.ts";
import type { ErrorFields } from "./exchange/exchange.ts";
import { createFieldEdits } from "./transform/filters/response-filters.ts";
import type { FieldEdit } from "./transform/filters/response-filters.ts";

/**
 * Lets the filters of a route that only edit fields edit those of our own error answers too: whoever sets security or CORS
 * fields means every answer. Undefined where no route edits fields.
 */
export function createErrorFields({ routes }: Pick<Config, "routes">): ErrorFields | undefined {
  const edits = new Map(routes.map(({ name, filters }) => [name, createFieldEdits(filters.response)]));
  if ([...edits.values()].every((all) => all.length === 0)) return undefined;
  return (route, headers) => editFields(headers, edits.get(route) ?? []);
}

/** What says how the page is to be read, kept and come back for is not the route's to say: it speaks of other answers. */
function editFields(headers: OutgoingFields, edits: readonly FieldEdit[]): void {
  if (edits.length === 0) return;
  const own = [...headers].filter(([name]) => isOwn(name));
  const hadPolicy = headers.has(POLICY);
  for (const edit of edits) edit(headers);
  const names = Array.from(headers, ([name]) => name);
  for (const name of names) {
    if (isOwn(name) && (hadPolicy || name !== POLICY)) headers.delete(name);
  }
  for (const [name, value] of own) headers.append(name, value); // one may have several lines
}

/** The built-in page brings its own; a page of the site's gets the site's. */
const POLICY = "content-security-policy";

const ownNames: ReadonlySet<string> = new Set([
  "allow",
  "cache-control",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
  "vary",
]);

function isOwn(name: string): boolean {
  return name.startsWith("content-") || ownNames.has(name);
}
