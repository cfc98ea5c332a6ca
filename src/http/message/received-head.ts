import { fieldNameOf } from "../fields/field-name.ts";
import { ReceivedFields } from "../fields/received-fields.ts";
import { endOfLine, unprintable, valueAt } from "./head-lines.ts";

/** A request up to its body, as it was read off a connection. */
export interface ReceivedHead {
  readonly method: string;
  /** As it came, each character a byte; printable. */
  readonly target: string;
  readonly fields: ReceivedFields;
  readonly isVersion10: boolean;
}

/** A head or a body that cannot be read; nothing behind it on its connection can be. */
export class MalformedRequest extends Error {
  readonly status: number;

  constructor(what: string, status = 400) {
    super(`Cannot read the request: ${what}`);
    this.name = "MalformedRequest";
    this.status = status;
  }
}

/** More fields than these are refused. */
const MAX_FIELDS = 200;

/**
 * Reads a request's head: its lines with their line ends, without the empty line behind them, each byte as a character.
 *
 * What two readers could understand differently is refused: no bare CR or LF, no folded lines, no blank before a colon, no
 * control characters. What the fields mean, and whether they contradict each other, is for others to say.
 *
 * Source: RFC 9112, 2.2, 3 and 5.
 *
 * @throws {MalformedRequest}
 */
export function parseReceivedHead(text: string): ReceivedHead {
  if (unprintable.test(text)) throw new MalformedRequest("its head has a control character");
  const end = lineEnd(text, 0);
  const { method, target, isVersion10 } = readRequestLine(text.slice(0, end));
  const fields = readFields(text, end + 2, isVersion10 ? "upgrade" : undefined); // RFC 9110, 7.8
  if (isVersion10 && fields.has("transfer-encoding"))
    throw new MalformedRequest("HTTP/1.0 knows no transfer coding");
  return { method, target, fields, isVersion10 };
}

type RequestLine = Pick<ReceivedHead, "method" | "target" | "isVersion10">;

/** Looked at piece by piece: an expression that takes them out costs more than all else that is done with a head's line. */
function readRequestLine(line: string): RequestLine {
  const methodEnd = line.indexOf(" ");
  const targetEnd = line.length - VERSION.length - 1;
  const method = line.slice(0, Math.max(0, methodEnd));
  const target = line.slice(methodEnd + 1, targetEnd);
  const minor = line.at(-1);
  const isSound = line.startsWith(VERSION, targetEnd) && (minor === "0" || minor === "1");
  if (!isSound || fieldNameOf(method) === undefined || !targetForm.test(target)) throw refuseLine(line);
  return { method, target, isVersion10: minor === "0" };
}

const VERSION = " HTTP/1.";
const targetForm = /^[!-~\x80-\xff]+$/;

function refuseLine(line: string): MalformedRequest {
  const isOtherVersion = / HTTP\/(?!1\.[01]$)\d\.?\d?$/.test(line);
  return isOtherVersion
    ? new MalformedRequest("its version is not spoken here", 505)
    : new MalformedRequest("its first line is malformed");
}

/** Reads the fields, but for those of the name `ignored`. */
function readFields(text: string, from: number, ignored: string | undefined): ReceivedFields {
  const fields = new ReceivedFields();
  let at = from;
  for (let count = 0; at < text.length; count++) {
    if (count === MAX_FIELDS) throw new MalformedRequest("it has too many fields", 431);
    const end = lineEnd(text, at);
    const colon = text.indexOf(":", at);
    const name = colon < end ? fieldNameOf(text.slice(at, colon)) : undefined;
    if (name === undefined) throw new MalformedRequest("it has a line that is no field");
    if (name !== ignored) fields.append(name, valueAt(text, colon + 1, end));
    at = end + 2;
  }
  return fields;
}

function lineEnd(text: string, from: number): number {
  const end = endOfLine(text, from);
  if (end < 0) throw new MalformedRequest("its head has a bare line end");
  return end;
}
