import { forwardableResponseHeaders } from "../../http/response-headers.ts";
import { giveUp } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import { bodyStream } from "./body-stream.ts";
import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { readWhole } from "./read-whole.ts";
import { releaseAttempt } from "./release-attempt.ts";
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
}

/** Turns a server's answer into ours. Rejects where a short body breaks before anything was sent. */
export async function relay(relayed: Relayed, tools: ForwardTools): Promise<Response> {
  const { attempt, response } = relayed;
  const { body, status } = response;
  const lengthBytes = contentLength(response.headers);
  // Bun would invent a type for a body that is at hand whole.
  const hasType = response.headers.has("content-type");
  const init = { status, headers: answerHeaders(attempt, response) };
  if (body === null || lengthBytes === 0 || isBodiless(attempt.exchange.method, status)) {
    releaseAttempt(attempt, tools);
    return new Response(null, init);
  }
  const { limits } = relayed;
  const source = body.getReader();
  const reader: BodyReader = { attempt, response, limits, source, chunks: [], pending: undefined };
  if (hasType && lengthBytes <= WHOLE_BYTES) {
    const whole = await readWhole(reader, lengthBytes, tools);
    if (whole) {
      releaseAttempt(attempt, tools);
      return new Response(whole as Uint8Array<ArrayBuffer>, init);
    }
  }
  return new Response(bodyStream(reader, tools), init);
}

function answerHeaders({ exchange, upstream, server }: Attempt, response: Response): Headers {
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
