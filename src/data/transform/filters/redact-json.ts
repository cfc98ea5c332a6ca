import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";
import { JsonPlaces } from "./json-places.ts";
import { JsonScanner } from "./json-scanner.ts";
import type { JsonEvents, JsonKind } from "./json-events.ts";

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
  readonly #scanner: JsonScanner;
  readonly #places: JsonPlaces;
  readonly #replacement: Buffer;
  #chunk: Buffer = Buffer.alloc(0);
  #out: Buffer = Buffer.alloc(0);
  #outBytes = 0;
  /** Up to here the chunk was passed on, or hidden. */
  #doneTo = 0;
  /** The depth of the container whose value is being hidden; -1 = none. */
  #hiddenDepth = -1;

  constructor({ keys, with: instead }: Redaction) {
    this.#places = new JsonPlaces(keys);
    this.#scanner = new JsonScanner(this, this.#places.lengths());
    this.#replacement = Buffer.from(JSON.stringify(instead), "utf8");
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#doneTo = 0;
    this.#outBytes = 0;
    this.#scanner.write(chunk);
    if (this.#scanner.faultAt >= 0) this.#giveUpAt(this.#scanner.faultAt);
    if (this.#hiddenDepth < 0) {
      if (this.#doneTo === 0) return chunk;
      this.#pass(this.#chunk, this.#doneTo, chunk.byteLength);
    }
    const out = this.#out.subarray(0, this.#outBytes);
    this.#out = Buffer.alloc(0);
    return out;
  }

  key(key: string | undefined, depth: number): void {
    this.#places.setKey(key, depth);
  }

  valueStart(at: number, depth: number, kind: JsonKind): void {
    if (kind === "list") this.#places.setList(depth + 1);
    if (this.#hiddenDepth >= 0 || !this.#places.isMeant(depth)) return;
    this.#hiddenDepth = depth;
    this.#pass(this.#chunk, this.#doneTo, at);
    this.#pass(this.#replacement, 0, this.#replacement.byteLength);
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

  #pass(source: Buffer, from: number, to: number): void {
    const needed = this.#outBytes + to - from;
    if (needed > this.#out.byteLength) this.#grow(needed);
    this.#outBytes += source.copy(this.#out, this.#outBytes, from, to);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#chunk.byteLength, 2 * this.#out.byteLength));
    this.#out.copy(larger, 0, 0, this.#outBytes);
    this.#out = larger;
  }
}
