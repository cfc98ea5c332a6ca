import type { CheckedFields } from "../../../http/fields/checked-fields.ts";
import { fieldsOf, namesWhere } from "./edit-request.ts";
import type { RequestFilter } from "./request-filter.ts";

/** One change of a field of requests, prepared. */
export interface FieldEdit {
  readonly kind: "set" | "add" | "remove";
  /** In lower case. */
  readonly name: string;
  /** The name as CGI variables have it: with a hyphen wherever it has another sign that becomes `_`. */
  readonly canonical: string;
  /** "" for a field that is removed. */
  readonly value: string;
}

/** Changes fields in one go, however many filters of the configuration that stands for. */
export interface FieldFilter extends RequestFilter {
  readonly edits: readonly FieldEdit[];
}

/** Makes the changes of one filter. */
export function toFieldEdits(
  kind: FieldEdit["kind"],
  fields: Readonly<Record<string, string>>,
): readonly FieldEdit[] {
  return Object.entries(fields).map(([written, value]) => {
    const name = written.toLowerCase();
    return { kind, name, canonical: withHyphens(name), value };
  });
}

/** A filter that makes these changes, in order. */
export function fieldFilter(name: string, edits: readonly FieldEdit[]): FieldFilter {
  const ownAliases = edits
    .filter((edit) => edit.kind !== "remove" && isAlias(edit.name))
    .map((edit) => edit.name);
  return {
    name,
    edits,
    apply(exchange) {
      const headers = fieldsOf(exchange);
      const found = namesWhere(headers, isAlias);
      const aliases = ownAliases.length === 0 ? found : [...found, ...ownAliases];
      for (const edit of edits) applyEdit(headers, edit, aliases);
      return undefined;
    },
  };
}

/** Makes one of filters of fields that follow each other: they look for aliases once. */
export function joinFieldFilters(filters: readonly RequestFilter[]): readonly RequestFilter[] {
  const joined: RequestFilter[] = [];
  for (const filter of filters) {
    const last = joined.at(-1);
    if (last && isFieldFilter(last) && isFieldFilter(filter))
      joined[joined.length - 1] = fieldFilter(`${last.name}, ${filter.name}`, [
        ...last.edits,
        ...filter.edits,
      ]);
    else joined.push(filter);
  }
  return joined;
}

function isFieldFilter(filter: RequestFilter): filter is FieldFilter {
  return "edits" in filter;
}

function applyEdit(
  headers: CheckedFields,
  { kind, name, canonical, value }: FieldEdit,
  aliases: readonly string[],
): void {
  if (kind === "add") return headers.append(name, value);
  if (aliases.length > 0) deleteAliases(headers, canonical, aliases);
  if (name !== canonical) headers.delete(canonical);
  if (kind === "set") headers.set(name, value);
  else headers.delete(name);
}

/**
 * Deletes the other spellings of a field's name that a server could take for it: as CGI variables `X_User` and `X-User` are
 * both `HTTP_X_USER`. What a filter says is true; what a client says in its place must not be.
 */
function deleteAliases(headers: CheckedFields, canonical: string, aliases: readonly string[]): void {
  for (const alias of aliases) if (withHyphens(alias) === canonical) headers.delete(alias);
}

/** Whether a name has a sign that CGI variables do not tell from a hyphen. */
function isAlias(name: string): boolean {
  return name.includes("_") || name.includes(".");
}

function withHyphens(name: string): string {
  return name.replaceAll(/[_.]/g, "-");
}
