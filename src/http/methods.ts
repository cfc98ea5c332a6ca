import { refusalOf } from "./failures.ts";
import type { Refusal } from "./failures.ts";

/** The methods that we pass on: registered ones that both runtimes receive and send as they are. */
export const passedMethods: readonly string[] = (
  "GET HEAD POST PUT PATCH DELETE OPTIONS QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH ACL " +
  "MKCALENDAR LINK UNLINK BIND REBIND UNBIND MERGE CHECKOUT MKACTIVITY PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY"
).split(" ");

/** Tells whether a request may be sent twice to the effect of once (RFC 9110, 9.2.2). */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}

/** Tells whether a request asks only to read (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return safe.has(method);
}

/**
 * Gives the refusal of a method that we do not pass on, or undefined.
 *
 * TRACE would show a server's view of our fields, CONNECT is for tunnels: 405. A method that is not known is 501: the
 * runtimes do not send it as it is (one sends GET instead). Methods are case-sensitive.
 */
export function refuseMethod(method: string): Refusal | undefined {
  if (passed.has(method)) return undefined;
  if (method === "TRACE" || method === "CONNECT") return notAllowed;
  return notImplemented;
}

const passed: ReadonlySet<string> = new Set(passedMethods);
const safe = setOf("GET HEAD OPTIONS QUERY PROPFIND REPORT SEARCH");
const idempotent = setOf(
  "GET HEAD OPTIONS QUERY PROPFIND REPORT SEARCH PUT DELETE PROPPATCH MKCOL COPY MOVE UNLOCK ACL MKCALENDAR " +
    "LINK UNLINK BIND REBIND UNBIND MERGE CHECKOUT MKACTIVITY",
);

const notAllowed = refusalOf("http_request_denied", {
  status: 405,
  detail: "this method is not passed on",
  headers: { allow: passedMethods.join(", ") },
});
const notImplemented = refusalOf("http_request_error", { status: 501, detail: "this method is not known" });

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
