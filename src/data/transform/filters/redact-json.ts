import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";
import { charsetOf, isTableLabel } from "./charset.ts";
import type { Charset } from "./charset.ts";
import { JsonPlaces } from "./json-places.ts";
import { JsonScanner } from "./json-scanner.ts";
import { byWidth, transcoded } from "./json-width.ts";
import type { JsonEvents, JsonKind, KeyReading } from "./json-events.ts";
import { labelIn } from "./text-body.ts";

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
export function redactJson(redaction: Redaction, contentType: string | null = null): BodyFilter {
  const label = labelIn(contentType ?? "") ?? "utf-8";
  const narrow = isTableLabel(label) ? charsetOf(label) : undefined;
  return byWidth({
    narrow: () => new Hiding(redaction, narrow),
    wide: (charset) => transcoded(new Hiding(redaction, undefined), charset),
  });
}

class Hiding implements JsonEvents, BodyFilter {
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

  /** `charset`: one of one byte a character; undefined = UTF-8, as JSON should be (RFC 8259, 8.1). */
  constructor({ keys, with: instead }: Redaction, charset: Charset | undefined) {
    this.#places = new JsonPlaces(keys);
    this.#scanner = new JsonScanner(this, keyReading(this.#places.names(), charset));
    this.#replacement = replacementIn(JSON.stringify(instead), charset);
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#chunk = view(chunk);
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

  end(): [] {
    return [];
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

function keyReading(names: readonly string[], charset: Charset | undefined): KeyReading {
  const encode = (name: string): Uint8Array => charset?.encode(name) ?? Buffer.from(name, "utf8");
  return {
    lengths: new Set(names.map((name) => encode(name).byteLength)),
    read: (bytes) => (charset ? charset.decoder().write(bytes) : view(bytes).toString("utf8")),
  };
}

/** What a charset has no characters for is escaped. */
function replacementIn(json: string, charset: Charset | undefined): Buffer {
  const bytes = charset ? charset.encode(json) : undefined;
  if (bytes) return Buffer.from(bytes);
  return Buffer.from(charset ? escaped(json) : json, "utf8");
}

function escaped(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
