import type { IncomingFields } from "../../http/incoming-request.ts";
import { refusalOf } from "../../http/failures.ts";
import type { Refusal } from "../../http/failures.ts";

const LENGTH = refusalOf("http_request_error", { detail: "the Content-Length header is ambiguous" });
const CODING = refusalOf("http_request_error", {
  detail: "the only transfer coding understood here is chunked",
});
const BOTH = refusalOf("http_request_error", {
  detail: "a body has a length or a transfer coding, not both",
});

/**
 * Refuses a body whose end two readers could see in different places; undefined where there is but one reading.
 *
 * The runtimes refuse most of these themselves, each another part: Bun takes `,chunked` and an equal length twice, Deno
 * `gzip, chunked`. What is left over ends here.
 *
 * Source: RFC 9112, 6.1 and 6.3; CVE-2021-40346, CVE-2026-2835.
 */
export function refuseFraming(headers: IncomingFields): Refusal | undefined {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding === null) return length === null || isLength(length) ? undefined : LENGTH;
  if (length !== null) return BOTH;
  return coding.toLowerCase() === "chunked" ? undefined : CODING;
}

/** Digits only, and few enough that every reader counts alike. */
function isLength(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
