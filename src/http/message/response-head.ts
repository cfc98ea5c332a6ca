import type { FieldList } from "../fields/field-list.ts";
import { fieldNameOf } from "../fields/field-name.ts";
import { endOfLine, unprintable, valueAt } from "./head-lines.ts";
import { MalformedAnswer } from "./malformed-answer.ts";
import { framingOf } from "./response-framing.ts";
import type { BodyFraming } from "./response-framing.ts";

/** A server's answer up to its body. */
export interface ResponseHead {
  /** 100..599. */
  readonly status: number;
  /** Content-Length stands in it once at the most. */
  readonly fields: FieldList;
  /** Where its body ends. */
  readonly framing: BodyFraming;
  /** Whether the connection may carry another request when the body has ended. */
  readonly isKept: boolean;
}

/** More fields than these make an answer malformed. */
const MAX_FIELDS = 256;

/**
 * Reads an answer's head: its lines with their line ends, without the empty line behind them, each byte as a character.
 *
 * Stricter than a client need be, since whatever two readers understand differently lets one answer pass for two: no bare
 * CR or LF, no folded lines, no space before a colon, no control characters.
 *
 * Source: RFC 9112, 2.2, 4 and 5.
 *
 * @throws {MalformedAnswer}
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  if (unprintable.test(text)) throw new MalformedAnswer("its head has a control character");
  const { status, isVersion10, next } = readStatusLine(text);
  const seen = new SeenFields();
  seen.read(text, next);
  const framing = framingOf({ method, status, isVersion10 }, seen);
  const isKept = framing.kind !== "close" && seen.keepsConnection(isVersion10);
  return { status, fields: seen.fields, framing, isKept };
}

interface StatusLine {
  readonly status: number;
  readonly isVersion10: boolean;
  /** Where the first field begins. */
  readonly next: number;
}

/** The line is that of nearly every answer, so it is looked at without being cut out. */
function readStatusLine(text: string): StatusLine {
  const end = lineEnd(text, 0);
  if (!statusLine.test(text)) throw new MalformedAnswer("its status line is malformed");
  const status =
    (text.charCodeAt(9) - ZERO) * 100 + (text.charCodeAt(10) - ZERO) * 10 + text.charCodeAt(11) - ZERO;
  return { status, isVersion10: text.charCodeAt(7) === ZERO, next: end + 2 };
}

const statusLine = /^HTTP\/1\.[01] [1-5]\d\d[ \r]/;
const ZERO = 0x30;

function lineEnd(text: string, from: number): number {
  const end = endOfLine(text, from);
  if (end < 0) throw new MalformedAnswer("its head has a bare line end");
  return end;
}

/** The fields of a head, with what they say of its connection and its body. */
class SeenFields {
  readonly fields: string[] = [];
  length: string | undefined;
  coding: string | undefined;
  #connection = "";

  read(text: string, from: number): void {
    let at = from;
    for (let count = 0; at < text.length; count++) {
      if (count === MAX_FIELDS) throw new MalformedAnswer("it has too many fields", "long-head");
      const end = lineEnd(text, at);
      const colon = text.indexOf(":", at);
      const name = fieldNameOf(text.slice(at, colon < end ? colon : at));
      if (name === undefined) throw new MalformedAnswer("it has a line that is no field");
      this.#take(name, valueAt(text, colon + 1, end));
      at = end + 2;
    }
  }

  /** RFC 9112, 9.3. */
  keepsConnection(isVersion10: boolean): boolean {
    const connection = this.#connection;
    if (connection === "" || (connection === ",keep-alive" && !isVersion10)) return !isVersion10;
    if (closeToken.test(connection)) return false;
    return !isVersion10 || keepToken.test(connection);
  }

  #take(name: string, value: string): void {
    if (name === "content-length" && !this.#isNewLength(value)) return;
    if (name === "transfer-encoding")
      this.coding = this.coding === undefined ? value : `${this.coding}, ${value}`;
    if (name === "connection") this.#connection += `,${value}`;
    this.fields.push(name, value);
  }

  /** The same length twice is one; different ones are none. */
  #isNewLength(value: string): boolean {
    if (this.length === value) return false;
    if (this.length !== undefined) throw new MalformedAnswer("it has two lengths");
    this.length = value;
    return true;
  }
}

const closeToken = /,[ \t]*close[ \t]*(?:,|$)/i;
const keepToken = /,[ \t]*keep-alive[ \t]*(?:,|$)/i;
