import { forwardableResponseHeaders } from "../../http/response-headers.ts";
import { noBody } from "../../http/unsent-body.ts";
import type { Answer } from "../transform/answer.ts";
import { giveUp } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import { bodyStream } from "./body-stream.ts";
import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readHeld } from "./read-held.ts";
import { readWhole } from "./read-whole.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { relayStaged } from "./relay-staged.ts";
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

/** Turns a server's answer into ours. Rejects where a short body breaks before anything was sent. */
export function relay(relayed: Relayed, tools: ForwardTools): Response | Promise<Response> {
  const { response, stage } = relayed;
  const answer = answerOf(relayed);
  const { lengthBytes } = answer;
  // Bun would invent a type for a body that is at hand whole.
  const isShort = answer.headers.has("content-type") && lengthBytes <= WHOLE_BYTES;
  const isHeld = isShort && lengthBytes <= HELD_BYTES;
  if (stage) return relayStaged({ relayed, stage, answer, isShort, isHeld }, tools);
  if (!answer.hasBody || !response.body) return passNothing(relayed, answer, tools);
  if (isHeld) return hold(relayed, answer, tools);
  const reader = readerOf(relayed, response.body);
  return isShort ? passShort(reader, answer, tools) : new Response(bodyStream(reader, tools), answer);
}

async function passShort(reader: BodyReader, answer: Answer, tools: ForwardTools): Promise<Response> {
  const whole = await readWhole(reader, answer.lengthBytes, tools);
  if (!whole) return new Response(bodyStream(reader, tools), answer);
  releaseAttempt(reader.attempt, tools);
  return new Response(whole as Uint8Array<ArrayBuffer>, answer);
}

function passNothing({ attempt }: Relayed, answer: Answer, tools: ForwardTools): Response {
  releaseAttempt(attempt, tools);
  return new Response(noBody(attempt.exchange.method, answer), answer);
}

function answerOf({ attempt, response }: Relayed): Answer {
  const { body, status, headers } = response;
  const { exchange } = attempt;
  const lengthBytes = contentLength(headers);
  const hasBody = body !== null && lengthBytes !== 0 && !isBodiless(exchange.method, status);
  return { exchange, status, headers: answerHeaders(attempt, response), lengthBytes, hasBody };
}

function readerOf({ attempt, response, limits }: Relayed, body: NonNullable<Response["body"]>): BodyReader {
  return { attempt, response, limits, source: body.getReader(), chunks: [], pending: undefined };
}

/** The watch over the attempt's headers goes on until the body is there. */
async function hold({ attempt, response }: Relayed, answer: Answer, tools: ForwardTools): Promise<Response> {
  const bytes = await readHeld(response, answer.lengthBytes);
  attempt.bytesOut += bytes.byteLength;
  releaseAttempt(attempt, tools);
  return new Response(bytes as Uint8Array<ArrayBuffer>, answer);
}

/** The fields that the client gets of a server's answer. */
export function answerHeaders({ exchange, upstream, server }: Attempt, response: Response): Headers {
  const headers = forwardableResponseHeaders(response.headers);
  if (upstream.loadHeader !== undefined) headers.delete(upstream.loadHeader);
  upstream.sticky?.tell(headers, exchange, server);
  return headers;
}

/** Drops an answer that is not passed on, and frees its connection. */
export function discard(attempt: Attempt, response: Response): void {
  attempt.deadline?.stop();
  giveUp(attempt, "http_response_incomplete");
  response.body?.cancel().catch(() => {});
}

/** NaN where the server did not say. */
function contentLength(headers: Headers): number {
  const text = headers.get("content-length");
  return text === null ? Number.NaN : Number(text);
}

function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 205 || status === 304;
}
