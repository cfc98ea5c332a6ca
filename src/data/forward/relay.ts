import type { OutgoingAnswer, OutgoingFields } from "../../http/outgoing-answer.ts";
import { forwardableResponseHeaders } from "../../http/fields/response-headers.ts";
import { noBody } from "../../http/message/unsent-body.ts";
import type { Reply } from "../../runtime/client.ts";
import type { Answer } from "../transform/answer.ts";
import type { Passage } from "../transform/passage.ts";
import { giveUp } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import { bodyStream, readerOf } from "./body/body-stream.ts";
import type { BodyReader } from "./body/body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readHeld } from "./body/read-held.ts";
import { readWhole } from "./body/read-whole.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { relayThrough } from "./relay-staged.ts";
import type { BodySize } from "./relay-staged.ts";
import type { Relayed } from "./relayed.ts";

/**
 * Answers up to this length are held until they are whole, bytes: they come along with their headers, and reading them in
 * one step costs half of a reader.
 */
const HELD_BYTES = 16_384;

/**
 * Answers up to this length are read whole if they come without a pause, bytes: that keeps Content-Length on every runtime,
 * and shows a broken body before anything was sent.
 */
const WHOLE_BYTES = 65_536;

/**
 * Turns a server's answer into ours. Rejects where a short body breaks before anything was sent, with a `StageFault` where
 * the route's stage fails.
 */
export function relay(relayed: Relayed, tools: ForwardTools): OutgoingAnswer | Promise<OutgoingAnswer> {
  const answer = answerOf(relayed);
  const size = sizeOf(answer); // before the stage changes what the fields say
  const passage = relayed.stage?.open(answer);
  return passage instanceof Promise
    ? passage.then((late) => pass(late, { relayed, answer, size }, tools))
    : pass(passage, { relayed, answer, size }, tools);
}

interface Answered {
  readonly relayed: Relayed;
  readonly answer: Answer;
  readonly size: BodySize;
}

/** What no stage works on takes the shortest way. */
function pass(
  passage: Passage | undefined,
  { relayed, answer, size }: Answered,
  tools: ForwardTools,
): OutgoingAnswer | Promise<OutgoingAnswer> {
  if (!answer.hasBody) return passNothing(relayed, answer, tools);
  return passage ? relayThrough({ relayed, passage, answer, size }, tools) : passBody(relayed, answer, tools);
}

/** Bun would invent a type for a body that is at hand whole. */
function sizeOf({ headers, lengthBytes }: Answer): BodySize {
  if (!(lengthBytes <= WHOLE_BYTES) || !headers.has("content-type")) return "long";
  return lengthBytes <= HELD_BYTES ? "held" : "short";
}

function passBody(
  relayed: Relayed,
  answer: Answer,
  tools: ForwardTools,
): OutgoingAnswer | Promise<OutgoingAnswer> {
  const { attempt, reply } = relayed;
  if (reply.body instanceof Uint8Array && answer.headers.has("content-type"))
    return passWhole(attempt, reply.body, { answer, tools });
  const size = sizeOf(answer);
  const reader = readerOf(relayed);
  if (size === "held") return passHeld(reader, answer, tools);
  return size === "short"
    ? passShort(reader, answer, tools)
    : { status: answer.status, headers: answer.headers, body: bodyStream(reader, tools), isStreamOwn: true };
}

/** The watch over the attempt's headers goes on until the body is there. */
async function passHeld(reader: BodyReader, answer: Answer, tools: ForwardTools): Promise<OutgoingAnswer> {
  const whole = await readHeld(reader, answer.lengthBytes);
  return passWhole(reader.attempt, whole, { answer, tools });
}

async function passShort(reader: BodyReader, answer: Answer, tools: ForwardTools): Promise<OutgoingAnswer> {
  const whole = await readWhole(reader, answer.lengthBytes, tools);
  if (!whole)
    return {
      status: answer.status,
      headers: answer.headers,
      body: bodyStream(reader, tools),
      isStreamOwn: true,
    };
  return passWhole(reader.attempt, whole, { answer, tools });
}

function passWhole(attempt: Attempt, bytes: Uint8Array, { answer, tools }: Passing): OutgoingAnswer {
  attempt.bytesOut = bytes.byteLength;
  releaseAttempt(attempt, tools);
  return { status: answer.status, headers: answer.headers, body: bytes };
}

interface Passing {
  readonly answer: Answer;
  readonly tools: ForwardTools;
}

function passNothing({ attempt }: Relayed, answer: Answer, tools: ForwardTools): OutgoingAnswer {
  attempt.call?.cut(); // Of what has no body nothing is left to come.
  releaseAttempt(attempt, tools);
  const { status, headers } = answer;
  return { status, headers, body: noBody(attempt.exchange.method, answer) };
}

function answerOf({ attempt, reply }: Relayed): Answer {
  const { body, status } = reply;
  const { exchange } = attempt;
  const headers = answerHeaders(attempt, reply);
  const lengthBytes = contentLength(headers);
  const isEmpty = lengthBytes === 0 || (body instanceof Uint8Array && body.byteLength === 0);
  const hasBody = !isEmpty && !isBodiless(exchange.method, status);
  return { exchange, status, headers, lengthBytes, hasBody };
}

/** The fields that the client gets of a server's answer. */
export function answerHeaders({ exchange, upstream, server }: Attempt, reply: Reply): OutgoingFields {
  const headers = forwardableResponseHeaders(reply.fields);
  if (upstream.loadHeader !== undefined) headers.delete(upstream.loadHeader);
  upstream.sticky?.tell(headers, exchange, server);
  return headers;
}

/** Drops an answer that is not passed on, and frees its connection. */
export function discard(attempt: Attempt): void {
  attempt.deadline?.stop();
  giveUp(attempt, "http_response_incomplete");
}

/** NaN where the server did not say. */
function contentLength(headers: OutgoingFields): number {
  const text = headers.get("content-length");
  return text === null ? Number.NaN : Number(text);
}

function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 205 || status === 304;
}
