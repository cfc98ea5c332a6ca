import { hopByHop, nominatedFields } from "../../../http/fields/hop-by-hop.ts";
import { ClientBody } from "../../exchange/client-body.ts";
import type { ClientBodyTools } from "../../exchange/client-body.ts";
import type { Exchange } from "../../exchange/exchange.ts";

/**
 * The fields that go on to the server, to be changed. What `Connection` names is gone from them: a client must not strip
 * what a filter sets.
 */
export function fieldsOf(exchange: Exchange): Headers {
  const { request } = exchange;
  const known = exchange.headers;
  if (known !== request.headers && known instanceof Headers) return known;
  const headers = new Headers([...request.headers]);
  for (const name of nominatedFields(headers.get("connection"))) headers.delete(name);
  for (const name of namesWhere(headers, isHopByHop)) headers.delete(name);
  exchange.headers = headers;
  return headers;
}

/** The names of those fields of which something holds, in lower case: one look at each, and no list where it holds of none. */
export function namesWhere(headers: Headers, holds: (name: string) => boolean): readonly string[] {
  let names: string[] | undefined;
  headers.forEach((_value, name) => {
    if (holds(name)) (names ??= []).push(name);
  });
  return names ?? NO_NAMES;
}

const NO_NAMES: readonly string[] = [];

function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

/** The body that goes on to the server; undefined where the request has none. */
export function bodyOf(exchange: Exchange, tools: ClientBodyTools): ReadableStream<Uint8Array> | undefined {
  const { body, method, request } = exchange;
  if (method === "GET" || method === "HEAD" || request.headers.get("content-length") === "0")
    return undefined;
  if (body || !request.body) return body;
  const clientBody = new ClientBody(exchange, request.body, tools);
  exchange.clientBody = clientBody;
  exchange.body = clientBody.stream;
  return exchange.body;
}

/** Path and query apart; the query with its `?`, or "". */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at)];
}
