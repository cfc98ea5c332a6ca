/**
 * Why requests are refused before a server is asked: the one table of reasons. The place of a reason is its counter on the
 * board, for metrics; the name is what people read. New ones go to the end.
 */
export const refusalReasons = [
  "malformed", // no single reading: host, path, framing
  "method", // unknown, or never passed
  "access", // access lists
  "ban", // refused too often before
  "uri", // path and query too long
  "headers", // header fields too long
  "body", // body too long
  "rate", // too many requests
  "concurrency_client", // too many of one client under way
  "concurrency_total", // too many under way
  "shed", // the worker is too far behind
  "challenge", // a browser has to solve a challenge first
  "upload_rate", // the body comes too slowly
] as const;

/** Why a request is refused. */
export type RefusalReason = (typeof refusalReasons)[number];

/** The board's counter of a reason. */
export function refusalCounter(reason: RefusalReason): number {
  return refusalReasons.indexOf(reason);
}
