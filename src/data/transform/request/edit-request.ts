import { CheckedFields } from "../../../http/fields/checked-fields.ts";
import type { ReadableFields } from "../../../http/fields/field-lines.ts";
import { ReceivedFields } from "../../../http/fields/received-fields.ts";
import { hopByHop, nominatedFields } from "../../../http/fields/hop-by-hop.ts";
import { ClientBody } from "../../exchange/client-body.ts";
import type { ClientBodyTools } from "../../exchange/client-body.ts";
import type { Exchange } from "../../exchange/exchange.ts";

/**
 * The fields that go on to the server, to be changed. What `Connection` names is gone from them: a client must not strip
 * what a filter sets.
 */
export function fieldsOf(exchange: Exchange): CheckedFields {
  const known = exchange.headers;
  if (known instanceof CheckedFields) return known;
  const { headers } = exchange.request;
  const nominated = nominatedFields(headers.get("connection"));
  const fields = new CheckedFields({}, headers instanceof ReceivedFields);
  headers.forEach((value, name) => {
    if (!hopByHop.has(name) && !nominated.includes(name)) fields.take(name, value);
  });
  exchange.headers = fields;
  return fields;
}

/** The names of those fields of which something holds, in lower case: one look at each, and no list where it holds of none. */
export function namesWhere(headers: ReadableFields, holds: (name: string) => boolean): readonly string[] {
  let names: string[] | undefined;
  headers.forEach((_value, name) => {
    if (holds(name)) (names ??= []).push(name);
  });
  return names ?? NO_NAMES;
}

const NO_NAMES: readonly string[] = [];

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
