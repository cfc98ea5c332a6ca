import type { Config } from "../../../config/config.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import type { ResponseFilter } from "../response-filter.ts";

/** Puts the address that the client asked in place of the server's own, in Location and Content-Location. */
export function rewriteLocation(upstreams: Config["upstreams"]): ResponseFilter {
  const origins = new Map(
    Object.entries(upstreams).map(([name, { servers }]) => [
      name,
      new Set(servers.map(({ url }) => new URL(url).origin)),
    ]),
  );
  return {
    name: "rewriteLocation",
    head({ exchange, headers }) {
      for (const field of ["location", "content-location"]) {
        const value = headers.get(field);
        const own = value === null ? undefined : toOurs(value, exchange, origins.get(exchange.upstream));
        if (own !== undefined) headers.set(field, own);
      }
    },
  };
}

const absolute = /^([a-z][a-z\d+.-]*:)?\/\/[^/?#\\]*/i;

/** The path and everything behind it stay as they are; undefined where the value is not an address of these. */
function toOurs(
  value: string,
  { scheme, authority }: Exchange,
  origins: ReadonlySet<string> | undefined,
): string | undefined {
  const [start, protocol] = absolute.exec(value) ?? [];
  if (start === undefined || !origins) return undefined;
  const isOwn = [...origins].some((origin) =>
    isSame(protocol === undefined ? `http:${start}` : start, origin, protocol),
  );
  if (!isOwn) return undefined;
  const ours = `//${authority}${value.slice(start.length)}`;
  return protocol === undefined ? ours : `${scheme}:${ours}`;
}

/** An address without a scheme is meant in any. */
function isSame(start: string, origin: string, protocol: string | undefined): boolean {
  if (!URL.canParse(start)) return false;
  const url = new URL(start);
  if (protocol === undefined) url.protocol = new URL(origin).protocol;
  return url.origin === origin;
}
