import type { IncomingFields } from "../../http/incoming-request.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";
import { isFieldValue } from "../../http/fields/field-value.ts";

const CONTROL = refusalOf("http_request_error", { detail: "a header has a control character" });

/**
 * Refuses values that could not be sent on, which would look like the server's fault; undefined where there are none.
 *
 * The runtimes refuse most control characters themselves, but Bun takes DEL. All values are looked at together, and walked by
 * `forEach`: an iterator costs three times as much on Bun and ten times as much on Deno.
 *
 * Source: RFC 9110, 5.5.
 */
export function refuseFields(headers: IncomingFields): Refusal | undefined {
  let values = "";
  headers.forEach((value) => {
    values += value;
  });
  return isFieldValue(values) ? undefined : CONTROL;
}
