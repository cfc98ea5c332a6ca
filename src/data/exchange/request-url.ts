/** The parts of a runtime's `request.url`: cut by hand, since a `URL` object would be made for every request. */
export interface RequestUrl {
  /** Host and perhaps port, "" where the runtime gives none. */
  readonly authority: string;
  /** Path and query as the runtime gives them. */
  readonly rawTarget: string;
}

/**
 * Cuts `http://host/path?query`; undefined where the runtime could not make a URL of it: Bun then gives the bare target.
 */
export function cutRequestUrl(url: string): RequestUrl | undefined {
  const authorityAt = url.startsWith("http://") ? 7 : url.startsWith("https://") ? 8 : -1;
  if (authorityAt < 0) return undefined;
  const end = endOfAuthority(url, authorityAt);
  const rest = url.slice(end);
  return {
    authority: url.slice(authorityAt, end),
    rawTarget: rest.startsWith("/") ? rest : `/${rest}`,
  };
}

function endOfAuthority(url: string, from: number): number {
  const slash = url.indexOf("/", from);
  const mark = url.indexOf("?", from);
  if (slash < 0) return mark < 0 ? url.length : mark;
  return mark >= 0 && mark < slash ? mark : slash;
}
