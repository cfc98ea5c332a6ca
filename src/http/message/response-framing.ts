import { MalformedAnswer } from "./malformed-answer.ts";

/** Where a body ends: at once, after so many bytes, with its last chunk, or with the connection. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/** What is known of an answer before its fields. */
export interface AnswerStart {
  /** Of the request. */
  readonly method: string;
  readonly status: number;
  readonly isVersion10: boolean;
}

/** The fields that say where a body ends; undefined where they are absent. */
export interface FramingFields {
  readonly length: string | undefined;
  readonly coding: string | undefined;
}

/**
 * Finds where an answer's body ends.
 *
 * An answer that gives a length and a coding is refused, though a client may believe the coding: one of its readers on the
 * way did not, or it would not be there.
 *
 * Source: RFC 9112, 6.1 and 6.3.
 *
 * @throws {MalformedAnswer}
 */
export function framingOf(start: AnswerStart, { length, coding }: FramingFields): BodyFraming {
  const bytes = length === undefined ? undefined : parseLength(length);
  if (coding !== undefined) checkCoding(coding, start, bytes);
  if (isBodiless(start)) return NONE;
  if (coding !== undefined) return CHUNKED;
  return bytes === undefined ? CLOSE : { kind: "length", bytes };
}

const NONE: BodyFraming = { kind: "none" };
const CHUNKED: BodyFraming = { kind: "chunked" };
const CLOSE: BodyFraming = { kind: "close" };

/** Digits only, and few enough that every reader counts alike. */
function parseLength(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new MalformedAnswer("its length is no number");
  return Number(text);
}

function checkCoding(coding: string, { isVersion10 }: AnswerStart, bytes: number | undefined): void {
  if (bytes !== undefined) throw new MalformedAnswer("it has a length and a transfer coding");
  if (isVersion10) throw new MalformedAnswer("HTTP/1.0 knows no transfer coding", "coding");
  if (coding.toLowerCase() !== "chunked")
    throw new MalformedAnswer("its transfer coding is unknown", "coding");
}

function isBodiless({ method, status }: AnswerStart): boolean {
  return method === "HEAD" || status < 200 || status === 204 || status === 304;
}
