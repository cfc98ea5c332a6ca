import { toHeaders } from "./fields/field-lines.ts";
import type { EditableFields } from "./fields/field-lines.ts";

/** The fields of an answer on its way out: `CheckedFields`, and `Headers` too. */
export interface OutgoingFields extends EditableFields {
  has(name: string): boolean;
  append(name: string, value: string): void;
  getSetCookie(): string[];
  [Symbol.iterator](): Iterator<[string, string]>;
}

/**
 * An answer on its way out. Every `Response` is one; but its body could be read back only by waiting for it, and it costs a
 * quarter of what passing a small answer on does.
 */
export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: OutgoingFields;
  /** All of it, or the stream that brings it; null where there is none. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Whether nobody else has the bytes that its stream brings: who has sent them may free them. */
  readonly isStreamOwn?: boolean;
}

/** The same answer as the runtimes take it. */
export function toResponse(answer: OutgoingAnswer): Response {
  if (answer instanceof Response) return answer;
  const { status, headers, body } = answer;
  return new Response(body as Uint8Array<ArrayBuffer> | null, { status, headers: toHeaders(headers) });
}
