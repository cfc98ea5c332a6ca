import type { Config } from "../../../config/config.ts";
import type { ResponseFilter } from "../response-filter.ts";

/** Attributes of cookies; what is absent stays as the server said it. */
export interface CookieAttributes {
  /** "" = none. */
  readonly domain?: string | undefined;
  /** "" = none. */
  readonly path?: string | undefined;
  readonly secure?: boolean | undefined;
  readonly sameSite?: string | undefined;
}

/** Changes attributes of the cookies that servers set; our own sticky ones stay. */
export function rewriteCookies(attributes: CookieAttributes, upstreams: Config["upstreams"]): ResponseFilter {
  return {
    name: `rewriteCookies ${describe(attributes)}`,
    head({ exchange, headers }) {
      const cookies = headers.getSetCookie();
      if (cookies.length === 0) return;
      const own = upstreams[exchange.upstream]?.sticky?.cookie;
      headers.delete("set-cookie");
      for (const cookie of cookies) {
        headers.append("set-cookie", nameOf(cookie) === own ? cookie : rewritten(cookie, attributes));
      }
    },
  };
}

function nameOf(cookie: string): string {
  return cookie.slice(0, Math.max(0, cookie.search(/[=;]/))).trim();
}

/** Browsers refuse `__Host-` cookies that have a Domain or another Path than `/` (RFC 6265bis, 4.1.3.2). */
function rewritten(cookie: string, attributes: CookieAttributes): string {
  const isBound = /^__host-/i.test(nameOf(cookie));
  const { domain, path, secure, sameSite } = attributes;
  const parts = isBound ? { secure, samesite: sameSite } : { domain, path, secure, samesite: sameSite };
  return Object.entries(parts).reduce(setAttribute, cookie);
}

function setAttribute(
  cookie: string,
  [attribute, value]: readonly [string, string | boolean | undefined],
): string {
  if (value === undefined) return cookie;
  const [pair = "", ...others] = cookie.split(";");
  const kept = others.filter((other) => other.split("=", 1)[0]?.trim().toLowerCase() !== attribute);
  const rest = [pair, ...kept].join(";");
  if (value === "" || value === false) return rest;
  return `${rest}; ${spelled[attribute] ?? attribute}${value === true ? "" : `=${value}`}`;
}

const spelled: Readonly<Record<string, string>> = {
  domain: "Domain",
  path: "Path",
  secure: "Secure",
  samesite: "SameSite",
};

function describe(attributes: CookieAttributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
}
