import type { OutgoingFields } from "../../http/outgoing-answer.ts";
import type { EditableFields } from "../../http/fields/field-lines.ts";
import type { StickyConfig } from "../../config/config.ts";
import { cookieValue, removeCookie, serialiseSetCookie } from "../../http/fields/cookies.ts";
import type { CookieAttributes } from "../../http/fields/cookies.ts";
import { createStickyTokens } from "../balance/sticky-tokens.ts";
import type { StickyTokens } from "../balance/sticky-tokens.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Server } from "./server.ts";

/** How clients of an upstream stay with their server: by a cookie that only says a name of our own making. */
export interface Sticky {
  /** The place of the client's server; -1 where it has none, or a forged or stale cookie. */
  placeOf(exchange: Exchange): number;
  /** Takes the cookie out of what a server gets: it is between the client and us. */
  hide(headers: EditableFields): void;
  /** Tells the client its server, unless it knows. A server's own cookie of that name stays. */
  tell(headers: OutgoingFields, exchange: Exchange, server: Server): void;
}

/** What the tokens are made from. */
export interface StickySource {
  readonly servers: readonly Server[];
  /** For an upstream that configures no secrets. */
  readonly secret: string;
  /** The tokens of all upstreams that share the cookie's name; this one's are added. */
  readonly family: StickyTokens[];
}

/**
 * Prepares stickiness for an upstream.
 *
 * Upstreams that share a cookie's name share the cookie: it holds a token of each, so that a client that goes to and fro
 * between two of them keeps its server in both.
 */
export function createSticky(upstream: string, config: StickyConfig, source: StickySource): Sticky {
  const { cookie } = config;
  const servers = source.servers.map(({ name }) => name);
  const own = createStickyTokens(config.secrets ?? [source.secret], { upstream, servers });
  source.family.push(own);
  const isOthers = (token: string): boolean =>
    source.family.some((tokens) => tokens !== own && tokens.serverOf(token) >= 0);
  const write = (value: string, scheme: Scheme): string =>
    serialiseSetCookie(cookie, value, attributesOf(config, scheme));
  const alone = servers.map((_, place) => linesOf(own.tokenOf(place), write));
  return {
    placeOf: (exchange) => placeIn(tokensIn(exchange, cookie), own),
    hide: (headers) => removeCookie(headers, cookie),
    tell(headers, exchange, server) {
      const known = tokensIn(exchange, cookie);
      const token = own.tokenOf(server.place);
      if (known.includes(token) || setsCookie(headers, cookie)) return;
      const others = known === NO_TOKENS ? NO_TOKENS : known.filter(isOthers);
      const { scheme } = exchange;
      const line = others.length === 0 ? alone[server.place]?.[scheme] : undefined;
      headers.append("set-cookie", line ?? write([token, ...others].join(SEPARATOR), scheme));
      keepPrivate(headers);
    },
  };
}

const SEPARATOR = ".";

/** More tokens than this are not looked at. */
const MAX_TOKENS = 16;

const NO_TOKENS: readonly string[] = [];

function tokensIn({ request }: Exchange, cookie: string): readonly string[] {
  const value = cookieValue(request.headers.get("cookie"), cookie);
  return value === undefined ? NO_TOKENS : value.split(SEPARATOR, MAX_TOKENS);
}

function placeIn(known: readonly string[], own: StickyTokens): number {
  for (const token of known) {
    const place = own.serverOf(token);
    if (place >= 0) return place;
  }
  return -1;
}

type Scheme = Exchange["scheme"];

/** The Set-Cookie of a client that has no other upstream's token: the same for every client, so it is written ahead. */
function linesOf(
  token: string,
  write: (value: string, scheme: Scheme) => string,
): Readonly<Record<Scheme, string>> {
  return { http: write(token, "http"), https: write(token, "https") };
}

function attributesOf({ maxAge }: StickyConfig, scheme: Scheme): CookieAttributes {
  return {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: scheme === "https",
    ...(maxAge !== "session" && { maxAgeSeconds: Math.round(maxAge / 1000) }),
  };
}

function setsCookie(headers: OutgoingFields, cookie: string): boolean {
  return headers.has("set-cookie") && headers.getSetCookie().some((line) => line.startsWith(`${cookie}=`));
}

/** A shared cache must not hand one client's server to another. */
function keepPrivate(headers: OutgoingFields): void {
  const field = headers.get("cache-control");
  if (field === null) return headers.set("cache-control", "private");
  if (/\b(?:private|no-store)\b/i.test(field)) return;
  const rest = field.replaceAll(/\bpublic\b\s*,?\s*|\bs-maxage=[^,]*,?\s*/gi, "").trim();
  headers.set("cache-control", rest === "" ? "private" : `private, ${rest.replace(/,$/, "")}`);
}
