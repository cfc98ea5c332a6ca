import { fieldNameOf } from "../fields/field-name.ts";
import { FieldLines } from "../fields/field-lines.ts";
import { isFieldValue } from "../fields/field-value.ts";
import type { ReadableFields } from "../fields/field-lines.ts";

/** How a request's body is sent: not at all, as so many bytes, or in chunks. */
export type RequestFraming = "none" | "chunked" | number;

/** A request up to its body. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Must hold Host. What it says of the connection and of the body's framing is left out: that is ours to say. */
  readonly headers: Pick<ReadableFields, "forEach">;
  readonly framing: RequestFraming;
  /** Whether the connection shall be kept. */
  readonly isKept: boolean;
}

/**
 * Writes a request's head, each byte as a character. Host comes first.
 *
 * Nothing gets in that would end a line or the head early, whoever let it come this far.
 *
 * Source: RFC 9112, 3 and 5; RFC 9110, 7.2.
 *
 * @throws {Error} where a method, target, name or value could be read as something else.
 */
export function writeRequestHead({ method, target, headers, framing, isKept }: RequestHead): string {
  if (fieldNameOf(method) === undefined) throw refusal("its method is no token");
  if (!targetForm.test(target)) throw refusal("its target is no path");
  const { host, others } = fieldLines(headers);
  const ending = isKept ? "\r\n" : "connection: close\r\n\r\n";
  return `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${others}${framingLine(method, framing)}${ending}`;
}

/** The value of Host, and the lines of all other fields. */
function fieldLines(headers: RequestHead["headers"]): { readonly host: string; readonly others: string } {
  const isChecked = headers instanceof FieldLines && headers.isChecked;
  let host: string | undefined;
  let others = "";
  headers.forEach((value, name) => {
    if (!isChecked && (fieldNameOf(name) !== name || !isFieldValue(value)))
      throw refusal("it has a field that no server could read");
    if (name === "host") {
      if (host !== undefined) throw refusal("it has more than one host");
      host = value;
    } else if (!isOurs(name)) others += `${name}: ${value}\r\n`;
  });
  if (host === undefined) throw refusal("it has no host");
  return { host, others };
}

const targetForm = /^(?:\/[!-~]*|\*)$/;

function isOurs(name: string): boolean {
  return name === "connection" || name === "content-length" || name === "transfer-encoding";
}

/** An empty body is announced where a server would wait for one (RFC 9110, 8.6). */
function framingLine(method: string, framing: RequestFraming): string {
  if (framing === "chunked") return "transfer-encoding: chunked\r\n";
  if (framing !== "none") return `content-length: ${framing}\r\n`;
  return expectsBody.has(method) ? "content-length: 0\r\n" : "";
}

const expectsBody: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

function refusal(what: string): Error {
  return new Error(`Cannot send the request: ${what}`);
}
