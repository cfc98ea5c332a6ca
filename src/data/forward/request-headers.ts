import { parseAuthority } from "../../http/address/authority.ts";
import { removeCookie } from "../../http/fields/cookies.ts";
import { chooseHost, forwardableRequestHeaders } from "../../http/fields/request-headers.ts";
import type { FieldLines } from "../../http/fields/field-lines.ts";
import { challengeField } from "../../http/pages/error-answer.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Attempt } from "./attempt.ts";

/** The header fields that an attempt's server gets. */
export function requestHeaders(attempt: Attempt): FieldLines {
  const { exchange, server } = attempt;
  const { config, sticky } = attempt.upstream;
  const headers = forwardableRequestHeaders(exchange.headers, {
    peer: exchange.peer,
    client: exchange.client,
    isPeerTrusted: exchange.isPeerTrusted,
    scheme: exchange.scheme,
    authority: askedAuthority(exchange),
    port: exchange.port,
    requestId: exchange.requestId,
    host: chooseHost(config.hostHeader, exchange.authority, server.authority),
  });
  sticky?.hide(headers);
  if (exchange.hiddenCookie !== "") hideChallenge(headers, exchange.hiddenCookie);
  if (server.authorization !== undefined) headers.set("authorization", server.authorization);
  if (exchange.trace) attempt.span = exchange.trace.ask(headers, attempt);
  return headers;
}

/** What a client has worked for is between the client and us: a solution, and the clearance that it buys. */
function hideChallenge(headers: FieldLines, cookie: string): void {
  removeCookie(headers, cookie);
  headers.delete(challengeField);
}

/** The host that the client asked for: behind trusted proxies what they say of it, else the Host that we received. */
function askedAuthority({ isPeerTrusted, host, port, scheme, authority }: Exchange): string {
  if (!isPeerTrusted || parseAuthority(authority)?.host === host) return authority;
  return port === (scheme === "https" ? 443 : 80) ? host : `${host}:${port}`;
}
