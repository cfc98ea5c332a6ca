import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";
import { JsonPlaces } from "./json-places.ts";
import { JsonScanner } from "./json-scanner.ts";
import type { JsonEvents, JsonKind } from "./json-scanner.ts";

/** What is hidden, and what stands there instead. */
export interface Redaction {
  /** A bare key at any depth, or a path with dots from the root and through lists. */
  readonly keys: readonly string[];
  readonly with: string;
}

/**
 * Puts a text in place of the values of some keys. Every other byte stays as it is: spacing, order, escapes, numbers that
 * JavaScript could not hold. From a fault on, what is no JSON passes unchanged. Several values after each other, as in
 * NDJSON, are each one root.
 *
 * Nothing is held back but the value that is being hidden, of which nothing is kept.
 */
export function redactJson(redaction: Redaction): BodyFilter {
  const hiding = new Hiding(redaction);
  return { write: (chunk) => hiding.write(chunk), end: () => [] };
}

class Hiding implements JsonEvents {
  readonly #scanner = new JsonScanner(this);
  readonly #places: JsonPlaces;
  readonly #replacement: Uint8Array;
  #chunk: Uint8Array = new Uint8Array();
  #pieces: Uint8Array[] = [];
  /** Up to here the chunk was passed on, or hidden. */
  #doneTo = 0;
  /** The depth of the container whose value is being hidden; -1 = none. */
  #hiddenDepth = -1;

  constructor({ keys, with: instead }: Redaction) {
    this.#places = new JsonPlaces(keys);
    this.#replacement = Buffer.from(JSON.stringify(instead), "utf8");
  }

  write(chunk: Uint8Array): Uint8Array | readonly Uint8Array[] {
    this.#chunk = chunk;
    this.#doneTo = 0;
    this.#pieces = [];
    this.#scanner.write(chunk);
    if (this.#scanner.faultAt >= 0) this.#giveUpAt(this.#scanner.faultAt);
    if (this.#hiddenDepth < 0) this.#pieces.push(chunk.subarray(this.#doneTo));
    return this.#pieces.length === 1 ? this.#pieces : Buffer.concat(this.#pieces);
  }

  key(key: string | undefined, depth: number): void {
    this.#places.setKey(key, depth);
  }

  valueStart(at: number, depth: number, kind: JsonKind): void {
    if (kind === "list") this.#places.setList(depth + 1);
    if (this.#hiddenDepth >= 0 || !this.#places.isMeant(depth)) return;
    this.#hiddenDepth = depth;
    this.#pieces.push(this.#chunk.subarray(this.#doneTo, at), this.#replacement);
  }

  valueEnd(at: number, depth: number): void {
    if (this.#hiddenDepth !== depth) return;
    this.#hiddenDepth = -1;
    this.#doneTo = at;
  }

  #giveUpAt(at: number): void {
    if (this.#hiddenDepth >= 0) this.#doneTo = at;
    this.#hiddenDepth = -1;
  }
}
