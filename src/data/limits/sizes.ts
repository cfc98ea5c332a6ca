import type { IncomingFields } from "../../http/incoming-request.ts";
import type { LimitsConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Check, Denial, LimitTools } from "./denial.ts";

const LONG_URI: Denial = {
  reason: "uri",
  refusal: refusalOf("http_request_error", { status: 414, detail: "the path and query are too long" }),
};
const LONG_HEADERS: Denial = { reason: "headers", refusal: refusalOf("http_request_error", { status: 431 }) };
const LONG_BODY: Denial = { reason: "body", refusal: refusalOf("http_request_error", { status: 413 }) };

/** Refuses a path with its query over the limit; undefined where there is none. */
export function checkUri({ uri }: Pick<LimitsConfig, "uri">): Check | undefined {
  if (uri === 0) return undefined;
  return ({ path, query }) => (path.length + query.length > uri ? LONG_URI : undefined);
}

/**
 * Refuses field lines over the limit, the request line not counted. They are measured only where the limit is below the
 * runtime's own, which nothing longer gets past.
 */
export function checkHeaders(
  { headers: limit }: Pick<LimitsConfig, "headers">,
  { headerCapBytes }: Pick<LimitTools, "headerCapBytes">,
): Check | undefined {
  if (limit === 0 || limit >= headerCapBytes) return undefined;
  return ({ request }) => (fieldBytes(request.headers) > limit ? LONG_HEADERS : undefined);
}

/** Refuses a body that says that it is over the limit, and has the others counted while they stream. */
export function checkBody({ body: limit }: Pick<LimitsConfig, "body">): Check | undefined {
  if (limit === 0) return undefined;
  return (exchange) => {
    const length = exchange.request.headers.get("content-length");
    if (length !== null) return Number(length) > limit ? LONG_BODY : undefined;
    exchange.bodyLimitBytes = limit;
    return undefined;
  };
}

/** `name: value` and a line's end each. */
function fieldBytes(headers: IncomingFields): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length + 4;
  return bytes;
}
