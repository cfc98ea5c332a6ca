import type { ReceivedHead } from "../../http/message/received-head.ts";

/**
 * Where a request's body ends. One whose fields contradict each other is taken to have none: it is going to be refused, and
 * its connection closed.
 *
 * Source: RFC 9112, 6.3.
 */
export function framingOf({ fields, isVersion10 }: ReceivedHead): "none" | "chunked" | number {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  if (coding !== null) return isChunked(coding) && length === null && !isVersion10 ? "chunked" : "none";
  if (length === null || !isLength.test(length)) return "none";
  return Number(length) === 0 ? "none" : Number(length);
}

/** Whether the connection may carry another request (RFC 9112, 9.3): not behind a body whose end is in doubt. */
export function isKeptAfter({ fields, isVersion10 }: ReceivedHead): boolean {
  if (isAmbiguous(fields, isVersion10)) return false;
  const connection = fields.get("connection");
  if (connection === null) return !isVersion10;
  const tokens = new Set(connection.toLowerCase().split(/[ \t]*,[ \t]*/));
  return !tokens.has("close") && (!isVersion10 || tokens.has("keep-alive"));
}

function isAmbiguous(fields: ReceivedHead["fields"], isVersion10: boolean): boolean {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  if (coding !== null) return !isChunked(coding) || length !== null || isVersion10;
  return length !== null && !isLength.test(length);
}

function isChunked(coding: string): boolean {
  return coding.toLowerCase() === "chunked";
}

const isLength = /^\d{1,15}$/;
