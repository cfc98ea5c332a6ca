import type { OutgoingFields } from "../outgoing-answer.ts";
import { writtenName } from "../fields/name-case.ts";
import { memoise } from "../memoise.ts";
import { reasonPhrase } from "../reason-phrases.ts";

/** An answer up to its body. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: OutgoingFields;
  /** For an answer whose fields say nothing of it. */
  readonly date: string;
  /** How its body is sent: in chunks, or by its length, bytes; NaN where nothing is said of that. */
  readonly framing: "chunked" | number;
  /** What is said of the connection; "" for nothing. */
  readonly connection: "" | "close" | "keep-alive";
}

/**
 * Writes an answer's head, each character a byte. What its fields say of the connection and of the framing is left out:
 * that is ours to say. No value can end its line: neither `CheckedFields` nor `Headers` hold such a one.
 *
 * Source: RFC 9112, 4 and 5.
 */
export function writeAnswerHead({ status, headers, date, framing, connection }: AnswerHead): string {
  let lines = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  let hasDate = false;
  headers.forEach((value, name) => {
    if (isOurs(name)) return;
    hasDate ||= name === "date";
    lines += `${lineStart(name)}${value}\r\n`;
  });
  if (!hasDate) lines += `Date: ${date}\r\n`;
  if (framing === "chunked") lines += "Transfer-Encoding: chunked\r\n";
  else if (!Number.isNaN(framing)) lines += `Content-Length: ${framing}\r\n`;
  if (connection !== "") lines += `Connection: ${connection}\r\n`;
  return `${lines}\r\n`;
}

/** A field's name as it begins its line. */
const lineStart = memoise(512, (name) => `${writtenName(name)}: `);

function isOurs(name: string): boolean {
  return (
    name === "connection" ||
    name === "content-length" ||
    name === "transfer-encoding" ||
    name === "keep-alive"
  );
}
