/** A host name that stands for every host. */
export const anyHost = "";

/**
 * The host names that both a listener and a route take: the narrower of each pair that overlaps. Nothing means that the
 * route is not for the listener; `anyHost` that neither asks for a name.
 */
export function intersectHostnames(listener: string, route: readonly string[]): string[] {
  if (route.length === 0) return [listener];
  return [...new Set(route.flatMap((hostname) => narrower(listener, hostname) ?? []))];
}

/** How closely a host name says which host is meant: a whole name before every wildcard, a longer one before a shorter. */
export function hostnameRank(hostname: string): number {
  if (hostname === anyHost) return 0;
  return isWildcard(hostname) ? hostname.length : longestName + hostname.length;
}

/** Whether a text is a host name as the Gateway API takes it: in lower case, no address, perhaps with `*.` before it. */
export function isHostname(text: string): boolean {
  return text.length <= longestName && hostnamePattern.test(text) && !/^[\d.]+$/.test(text);
}

/** Whether a text is the name of one host. */
export function isWholeHostname(text: string): boolean {
  return isHostname(text) && !isWildcard(text);
}

/** Whether the first stands for the second, and perhaps for more. */
export function coversHostname(wide: string, narrow: string): boolean {
  if (wide === anyHost || wide === narrow) return true;
  return isWildcard(wide) && narrow.replace(/^\*/, "").endsWith(wide.slice(1));
}

const longestName = 253;

const hostnamePattern = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function narrower(one: string, other: string): string | undefined {
  if (coversHostname(one, other)) return other;
  return coversHostname(other, one) ? one : undefined;
}

function isWildcard(hostname: string): boolean {
  return hostname.startsWith("*.");
}
