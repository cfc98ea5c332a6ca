/** The first value of a query parameter, decoded; undefined where it is absent. */
export function readQuery(query: string, name: string): string | undefined {
  if (query.length < 2) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}
