import type { Refusal } from "./failures.ts";

/**
 * Gives the value of a Proxy-Status field: who failed, with what, and the server's own status where ours replaced it.
 *
 * It names no server on purpose: the parameters `next-hop` and `next-protocol` would tell clients how we look inside.
 *
 * Source: RFC 9209, section 2; serialisation RFC 8941, 4.1.
 */
export function proxyStatus(
  { type, detail }: Pick<Refusal, "type" | "detail">,
  receivedStatus?: number,
): string {
  const received = receivedStatus === undefined ? "" : `; received-status=${receivedStatus}`;
  const details = detail === undefined ? "" : `; details="${toStringContent(detail)}"`;
  return `headgate; error=${type}${received}${details}`;
}

/** A structured field's string holds printable ASCII only. */
function toStringContent(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?").replaceAll(/["\\]/g, "\\$&");
}
