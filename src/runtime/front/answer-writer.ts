import type { OutgoingAnswer, OutgoingFields } from "../../http/outgoing-answer.ts";
import { Buffer } from "node:buffer";
import { writeAnswerHead } from "../../http/message/answer-head.ts";
import type { Outlet } from "./outlet.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** What is known of an answer besides itself. */
export interface AnswerSurroundings {
  readonly request: Pick<ReceivedRequest, "method" | "isVersion10">;
  readonly date: string;
  /** Whether the connection shall be kept behind it. */
  readonly isKept: boolean;
}

/** How an answer is sent. */
export interface AnswerPlan {
  readonly head: string;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly isChunked: boolean;
  /** Whether the bytes of a stream may be freed when they were sent. */
  readonly isOwn: boolean;
  /** The length that was announced, bytes; NaN for none. */
  readonly lengthBytes: number;
  readonly isKept: boolean;
}

/**
 * Decides how an answer is framed: by its length where that is known, else in chunks, or, for HTTP/1.0, by the connection's
 * end.
 */
export function planAnswer(
  answer: OutgoingAnswer,
  { request, date, isKept }: AnswerSurroundings,
): AnswerPlan {
  const { status, headers } = answer;
  const body = bodyOf(answer, request.method);
  const lengthBytes = lengthOf(answer, body);
  const isEndless = body !== undefined && Number.isNaN(lengthBytes);
  const isChunked = isEndless && !request.isVersion10;
  const staysOpen = isKept && isEndless === isChunked && !asksToClose(headers);
  const framing = isChunked ? "chunked" : lengthBytes;
  const connection = staysOpen ? keepWord(request) : "close";
  const head = writeAnswerHead({ status, headers, date, framing, connection });
  return { head, body, isChunked, isOwn: answer.isStreamOwn === true, lengthBytes, isKept: staysOpen };
}

const NOTHING = new Uint8Array();

/** HTTP/1.1 keeps connections without a word. */
function keepWord({ isVersion10 }: AnswerSurroundings["request"]): "" | "keep-alive" {
  return isVersion10 ? "keep-alive" : "";
}

/** Undefined for an answer that has none by its nature (RFC 9112, 6.3). */
function bodyOf(answer: OutgoingAnswer, method: string): AnswerPlan["body"] {
  if (method === "HEAD" || isBodiless(answer.status)) return undefined;
  return answer.body ?? NOTHING;
}

function lengthOf({ status, headers }: OutgoingAnswer, body: AnswerPlan["body"]): number {
  if (body instanceof Uint8Array) return body.byteLength;
  const text = isBodiless(status) ? null : headers.get("content-length");
  return text === null ? Number.NaN : Number(text);
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

function asksToClose(headers: OutgoingFields): boolean {
  return headers.get("connection")?.toLowerCase() === "close";
}

/** Where short answers become bytes: what the system takes at once needs no memory of its own. */
const desk = Buffer.allocUnsafeSlow(131_072);

/** Writes an answer that is at hand whole; in one piece where it fits the desk, since two would be two packets. */
export function writeWhole(head: string, body: Uint8Array | undefined, outlet: Outlet): void {
  const bodyBytes = body?.byteLength ?? 0;
  if (head.length + bodyBytes > desk.byteLength) {
    outlet.write(Buffer.from(head, "latin1"));
    if (body) outlet.write(body);
    return;
  }
  const headBytes = desk.write(head, "latin1");
  if (body) desk.set(body, headBytes);
  outlet.writeLent(desk, headBytes + bodyBytes);
}
