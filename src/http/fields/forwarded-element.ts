/** One hop of a `Forwarded` field; parameters that we have no use for are left out. */
export type ForwardedElement = { readonly for?: string; readonly host?: string; readonly proto?: string };

/**
 * Reads a `Forwarded` field, leftmost hop first. A field that breaks the grammar anywhere gives no hop at all: past a
 * fault, nobody can tell which of the commas was a proxy's own.
 *
 * Source: RFC 7239, section 4.
 */
export function parseForwarded(field: string): ForwardedElement[] {
  const parameters = [...field.matchAll(parameter)];
  if (parameters.reduce((length, [text]) => length + text.length, 0) !== field.length) return [];
  let element = new Map<string, string>();
  const elements = [element];
  for (const [, name, value, end] of parameters) {
    if (name !== undefined && !addParameter(element, name, value ?? "")) return [];
    if (end === ",") elements.push((element = new Map<string, string>()));
  }
  return elements.filter(({ size }) => size > 0).map((hop) => Object.fromEntries(hop));
}

/** One `name=value`, or nothing, and the delimiter behind it. Blanks can be taken in one way only: else many cost dear. */
const parameter =
  /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=([\w!#$%&'*+.^`|~:[\]-]+|"(?:[^"\\]|\\.)*")[ \t]*)?(;|,|$)/gy;

/** Adds a parameter unless the hop has it already, which the grammar forbids. */
function addParameter(element: Map<string, string>, name: string, value: string): boolean {
  const key = name.toLowerCase();
  if (element.has(key)) return false;
  element.set(key, unquote(value));
  return true;
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
}
