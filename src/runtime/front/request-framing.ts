import type { ReceivedHead } from "../../http/message/received-head.ts";

/**
 * Where a request's body ends: at once, after so many bytes, with its last chunk. Where its fields contradict each other that
 * is in doubt: the request is going to be refused, and nothing behind it is read.
 */
export type ReceivedFraming = "none" | "chunked" | "doubtful" | number;

/** Finds it. Source: RFC 9112, 6.3. */
export function framingOf({ fields }: ReceivedHead): ReceivedFraming {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  if (coding !== null) return length === null && coding.toLowerCase() === "chunked" ? "chunked" : "doubtful";
  if (length === null) return "none";
  if (!isLength.test(length)) return "doubtful";
  return Number(length) === 0 ? "none" : Number(length);
}

/** Digits only, and few enough that every reader counts alike. */
const isLength = /^\d{1,15}$/;

/** Whether the connection may carry another request (RFC 9112, 9.3). */
export function isKeptAfter({ fields, isVersion10 }: ReceivedHead, framing: ReceivedFraming): boolean {
  if (framing === "doubtful") return false;
  const connection = fields.get("connection");
  if (connection === null) return !isVersion10;
  const tokens = new Set(connection.toLowerCase().split(/[ \t]*,[ \t]*/));
  return !tokens.has("close") && (!isVersion10 || tokens.has("keep-alive"));
}
