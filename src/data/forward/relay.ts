import { forwardableResponseHeaders } from "../../http/response-headers.ts";
import { giveUp } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import { bodyStream } from "./body-stream.ts";
import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readWhole } from "./read-whole.ts";
import { relayStaged } from "./relay-staged.ts";
import { releaseAttempt } from "./release-attempt.ts";
import type { Answer } from "../transform/answer.ts";
import type { Stage } from "../transform/stage.ts";
import type { TimeLimits } from "./time-limits.ts";

/**
 * Answers up to this length are read whole, bytes: that costs no more than passing them on, keeps Content-Length on every
 * runtime, and shows a broken body before anything was sent.
 */
const WHOLE_BYTES = 65_536;

/** A server's answer on its way to the client. */
export interface Relayed {
  readonly attempt: Attempt;
  readonly response: Response;
  readonly limits: TimeLimits;
  /** What the route does to its answers; undefined where they pass untouched. */
  readonly stage?: Stage | undefined;
}

/** Turns a server's answer into ours. Rejects where a short body breaks before anything was sent. */
export async function relay(relayed: Relayed, tools: ForwardTools): Promise<Response> {
  const { attempt, response, stage } = relayed;
  const { body, status } = response;
  const { exchange } = attempt;
  const lengthBytes = contentLength(response.headers);
  // Bun would invent a type for a body that is at hand whole.
  const isShort = response.headers.has("content-type") && lengthBytes <= WHOLE_BYTES;
  const hasBody = body !== null && lengthBytes !== 0 && !isBodiless(exchange.method, status);
  const headers = answerHeaders(attempt, response);
  const answer: Answer = { exchange, status, headers, lengthBytes, hasBody };
  if (stage) return relayStaged({ relayed, stage, answer, isShort }, tools);
  if (!hasBody) {
    releaseAttempt(attempt, tools);
    return new Response(null, answer);
  }
  const reader = readerOf(relayed, body);
  const whole = isShort ? await readWhole(reader, lengthBytes, tools) : undefined;
  if (!whole) return new Response(bodyStream(reader, tools), answer);
  releaseAttempt(attempt, tools);
  return new Response(whole as Uint8Array<ArrayBuffer>, answer);
}

function readerOf({ attempt, response, limits }: Relayed, body: NonNullable<Response["body"]>): BodyReader {
  return { attempt, response, limits, source: body.getReader(), chunks: [], pending: undefined };
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
