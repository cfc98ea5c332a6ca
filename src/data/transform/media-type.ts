/** The media type of an answer, in lower case and without parameters; "" where it has none. */
export function mediaTypeOf(headers: Pick<Headers, "get">): string {
  const [type = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return type.trim().toLowerCase();
}

/** Whether a media type is one of these: `text/html`, `text/*` or every one. */
export function mediaTypeTest(listed: readonly string[]): (type: string) => boolean {
  const all = listed.map((type) => type.toLowerCase());
  const exact = new Set(all);
  const prefixes = all.filter((type) => type.endsWith("/*")).map((type) => type.slice(0, -1));
  const hasAll = exact.has("*/*");
  return (type) =>
    type !== "" && (hasAll || exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix)));
}
