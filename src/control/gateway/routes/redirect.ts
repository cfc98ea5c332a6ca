import { isWholeHostname } from "../hostnames.ts";
import type { Redirect } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** Where clients are sent, before it is known by which listener they came. */
export interface RedirectPlan {
  readonly scheme: "http" | "https" | undefined;
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly status: number;
}

/** The listener that a request came by. */
export interface CameBy {
  readonly scheme: "http" | "https";
  readonly port: number;
}

/** Reads a redirect. Throws `Unsupported` where it leads nowhere. */
export function readRedirect({ scheme, hostname, port, statusCode }: Redirect): RedirectPlan {
  if (!statuses.has(statusCode)) throw new Unsupported(`${statusCode} is no status of a redirect`);
  if (port !== undefined && !isPort(port)) throw new Unsupported(`${port} is no port to redirect to`);
  return { scheme: readScheme(scheme), hostname: readHostname(hostname), port, status: statusCode };
}

/**
 * Writes a redirect as the configuration does. A port that nobody named is the one that belongs to a named scheme, else the
 * listener's; the port that a scheme has anyway is not written.
 */
export function toRedirect({ scheme, hostname, port, status }: RedirectPlan, came: CameBy) {
  const target = scheme ?? came.scheme;
  const wellKnown = target === "https" ? 443 : 80;
  const meant = port ?? (scheme === undefined ? came.port : wellKnown);
  const suffix = meant === wellKnown ? "" : `:${meant}`;
  return { to: `${target}://${hostname ?? "$host"}${suffix}$target`, status };
}

const statuses = new Set([301, 302, 303, 307, 308]);

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function readScheme(scheme: string | undefined): RedirectPlan["scheme"] {
  if (scheme === undefined || scheme === "http" || scheme === "https") return scheme;
  throw new Unsupported(`the scheme ${JSON.stringify(scheme)} of a redirect is neither http nor https`);
}

function readHostname(hostname: string | undefined): string | undefined {
  if (hostname === undefined || isWholeHostname(hostname)) return hostname;
  throw new Unsupported(`${JSON.stringify(hostname)} is no host name to redirect to`);
}
