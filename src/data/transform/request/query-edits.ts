/** Sets a parameter in a query that begins with `?` or is empty: in the place of the first of that name, else at the end. */
export function setParameter(query: string, name: string, value: string): string {
  const written = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  const parts = partsOf(query);
  const first = parts.findIndex((part) => nameOf(part) === name);
  if (first < 0) return joined([...parts, written]);
  const others = parts.filter((part, at) => at <= first || nameOf(part) !== name);
  return joined(others.with(first, written));
}

/** Removes every parameter of these names; the others keep their order and their spelling. */
export function removeParameters(query: string, names: ReadonlySet<string>): string {
  const parts = partsOf(query);
  const kept = parts.filter((part) => !names.has(nameOf(part)));
  return kept.length === parts.length ? query : joined(kept);
}

function partsOf(query: string): string[] {
  return query.length < 2 ? [] : query.slice(1).split("&");
}

function joined(parts: readonly string[]): string {
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** As a server reads it: decoded, and `+` is a space. */
function nameOf(part: string): string {
  const [name = ""] = new URLSearchParams(part).keys();
  return name;
}
