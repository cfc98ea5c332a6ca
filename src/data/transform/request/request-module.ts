import { parseTarget } from "../../../http/canonical-path.ts";
import { CheckedFields } from "../../../http/fields/checked-fields.ts";
import { toHeaders } from "../../../http/fields/field-lines.ts";
import { isFieldValue } from "../../../http/fields/field-value.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import { viewOf } from "../modules/view-of.ts";
import { bodyOf, fieldsOf } from "./edit-request.ts";
import { namedBody, sourceOf } from "./named-body.ts";
import type { RequestFilter, Verdict } from "./request-filter.ts";

/** Lets a module of the user's own change a request, or answer it; undefined where it only looks at answers. */
export function requestModule(file: string, { client, modules }: FilterTools): RequestFilter | undefined {
  const module = modules.get(file);
  if (!module?.request) return undefined;
  const name = `module ${file}`;
  return {
    name,
    async apply(exchange) {
      const given = toRequest(exchange, bodyOf(exchange, client));
      const result = (await module.request?.(given, viewOf(exchange))) ?? given;
      return settle({ exchange, given, name }, result);
    },
  };
}

/** The path is in it as the server would get it; the host, as the client wrote it. */
function toRequest(exchange: Exchange, body: ReadableStream<Uint8Array> | undefined): Request {
  const { scheme, authority, target, method, request } = exchange;
  return new Request(`${scheme}://${authority}${target}`, {
    method,
    headers: toHeaders(fieldsOf(exchange)),
    signal: request.signal,
    ...(body && { body, duplex: "half" }),
  });
}

interface Asked {
  readonly exchange: Exchange;
  readonly given: Request;
  readonly name: string;
}

function settle({ exchange, given, name }: Asked, result: unknown): Verdict {
  if (result instanceof Response) return checkedAnswer(result);
  if (!(result instanceof Request))
    throw new Error("it gave something that is neither a Request nor a Response");
  if (result.method !== exchange.method) throw new Error(`it changed the method to ${result.method}`);
  if (result.bodyUsed) throw new Error("it read the body, and gave no request with another one");
  adoptFields(exchange, result.headers);
  if (result.url !== given.url) exchange.target = targetOf(result.url);
  exchange.body = bodyFrom(result, { exchange, given, name });
  if (result !== given || given.bodyUsed) fieldsOf(exchange).delete("content-length");
  return undefined;
}

/** What a filter makes of a body may fail later, and must then bear its name. */
function bodyFrom(result: Request, { exchange, given, name }: Asked): Exchange["body"] {
  if (!result.body) return undefined;
  return result === given ? result.body : namedBody(sourceOf(result.body), { name, exchange });
}

/** Framing and what we vouch for are set again where the request is sent. */
function adoptFields(exchange: Exchange, headers: Headers): void {
  checkFields(headers);
  const fields = new CheckedFields();
  for (const [name, value] of headers) fields.take(name, value);
  exchange.headers = fields;
}

/** What could not be sent would cost the connection, and nobody would know whose fault that was. */
function checkedAnswer(own: Response): Response {
  if (own.status < 200 || own.status > 599) throw new Error(`it gave the status ${own.status}`);
  if (own.bodyUsed)
    throw new Error("it gave an answer whose body was read before; each request needs one of its own");
  checkFields(own.headers);
  return own;
}

/** `Headers` takes control characters, at which clients drop the whole answer, and Deno ends its process. */
function checkFields(headers: Headers): void {
  for (const [name, value] of headers)
    if (!isFieldValue(value)) throw new Error(`it set "${name}" to a text that no header can hold`);
}

/** What was judged is what is sent: a path of the module's own is made canonical, too. */
function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  const target = parseTarget(pathname + search);
  if (!target) throw new Error("it gave a path that is none");
  return target.path + target.query;
}
