import type { ReadableFields } from "./fields/field-lines.ts";

/** The fields of a request as they came, asked for like those of `Headers`: several lines of one name are joined. */
export interface IncomingFields extends ReadableFields {
  has(name: string): boolean;
  [Symbol.iterator](): Iterator<[string, string]>;
}

/** A request as it comes in: as much of a `Request` as is asked for here. */
export interface IncomingRequest {
  readonly method: string;
  /** As the runtime spells it, not always normalised; a target that is no URL stands for itself. */
  readonly url: string;
  readonly headers: IncomingFields;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal;
}
