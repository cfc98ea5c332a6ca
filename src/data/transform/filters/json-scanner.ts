import { Buffer } from "node:buffer";
import type { JsonEvents, KeyReading } from "./json-events.ts";
import { endOfPlain, isEscapable, isHex, isSpace, restOfWord } from "./json-bytes.ts";
import { nextNumberState, numberStateOf, isWholeNumber } from "./json-number.ts";

/** A key that is longer than this is none that we look for, bytes. */
const KEY_BYTES = 65_536;

/** Deeper nesting counts as a fault: what it would take to remember must be bounded. */
const MAX_DEPTH = 10_000;

const LIST = 1;
const OBJECT = 2;

type Expected = "root" | "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "commaOrEnd";

/**
 * Reads JSON (RFC 8259) from bytes in whatever pieces, and tells where keys and values stand. Remembers the nesting and a
 * key that is cut, and nothing else: a string of any length costs no memory.
 */
export class JsonScanner {
  /** Where in the chunk the first fault is; -1 = none so far. From then on nothing is read. */
  faultAt = -1;
  readonly #events: JsonEvents;
  readonly #keys: KeyReading;
  readonly #containers: number[] = [];
  /** The innermost container; 0 = none. */
  #container = 0;
  #mode: "between" | "string" | "number" | "word" | "fault" = "between";
  #expected: Expected = "root";
  #isKey = false;
  #keyParts: Buffer[] = [];
  #keyBytes = 0;
  #hasKeyEscape = false;
  /** In a string: 0 = plain, 1 = behind a backslash, 2..5 = so many hex digits are to come, plus one. */
  #escape = 0;
  #number = 0;
  #word = "";
  #isFirst = true;

  constructor(events: JsonEvents, keys: KeyReading) {
    this.#events = events;
    this.#keys = keys;
  }

  /** Reads the next bytes. */
  write(bytes: Uint8Array): void {
    this.faultAt = this.#mode === "fault" ? 0 : -1;
    let at = this.#isFirst ? this.#skipMark(bytes) : 0;
    while (at < bytes.byteLength && this.faultAt < 0) at = this.#step(bytes, at);
  }

  /** A byte order mark is no JSON, but often there. */
  #skipMark(bytes: Uint8Array): number {
    this.#isFirst = false;
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  #step(bytes: Uint8Array, at: number): number {
    if (this.#mode === "string") return this.#readString(bytes, at);
    if (this.#mode === "number") return this.#readNumber(bytes, at);
    if (this.#mode === "word") return this.#readWord(bytes, at);
    return this.#readBetween(bytes, at);
  }

  #readBetween(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (!isSpace(byte)) this.#take(byte, at);
    return at + 1;
  }

  #take(byte: number, at: number): void {
    if (this.#expected === "colon") return this.#takeColon(byte, at);
    if (this.#expected === "commaOrEnd") return this.#takeComma(byte, at);
    if (this.#expected === "key" || this.#expected === "keyOrEnd") return this.#takeKey(byte, at);
    if (this.#expected === "valueOrEnd" && byte === 0x5d) return this.#close(at);
    return this.#startValue(byte, at);
  }

  #takeColon(byte: number, at: number): void {
    if (byte === 0x3a) this.#expected = "value";
    else this.#fail(at);
  }

  #takeComma(byte: number, at: number): void {
    const isList = this.#container === LIST;
    if (byte === (isList ? 0x5d : 0x7d)) this.#close(at);
    else if (byte === 0x2c) this.#expected = isList ? "value" : "key";
    else this.#fail(at);
  }

  #takeKey(byte: number, at: number): void {
    if (byte === 0x7d && this.#expected === "keyOrEnd") this.#close(at);
    else if (byte === 0x22) this.#startKey();
    else this.#fail(at);
  }

  #close(at: number): void {
    this.#containers.pop();
    this.#container = this.#containers[this.#containers.length - 1] ?? 0;
    this.#endValue(at + 1);
  }

  #startKey(): void {
    this.#mode = "string";
    this.#isKey = true;
    if (this.#keyParts.length > 0) this.#keyParts = [];
    this.#keyBytes = 0;
    this.#hasKeyEscape = false;
  }

  #startValue(byte: number, at: number): void {
    if (byte === 0x7b) return this.#openContainer(OBJECT, at);
    if (byte === 0x5b) return this.#openContainer(LIST, at);
    if (byte === 0x22) this.#mode = "string";
    else if (!this.#startWord(byte)) return this.#fail(at);
    this.#isKey = false;
    return this.#events.valueStart(at, this.#containers.length, "scalar");
  }

  #startWord(byte: number): boolean {
    const word = restOfWord(byte);
    if (word !== undefined) {
      this.#mode = "word";
      this.#word = word;
      return true;
    }
    this.#number = numberStateOf(byte);
    if (this.#number === 0) return false;
    this.#mode = "number";
    return true;
  }

  #openContainer(kind: number, at: number): void {
    if (this.#containers.length >= MAX_DEPTH) return this.#fail(at);
    this.#events.valueStart(at, this.#containers.length, kind === LIST ? "list" : "object");
    this.#containers.push(kind);
    this.#container = kind;
    this.#expected = kind === LIST ? "valueOrEnd" : "keyOrEnd";
  }

  #readString(bytes: Uint8Array, from: number): number {
    const at = this.#endOfString(bytes, from);
    if (this.faultAt >= 0) return at;
    if (this.#isKey) return this.#goOnWithKey(bytes, from, at);
    if (at === bytes.byteLength) return at;
    this.#mode = "between";
    this.#endValue(at + 1);
    return at + 1;
  }

  /** Where the closing quote stands; the chunk's end where it is not in it. */
  #endOfString(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.byteLength) {
      if (this.#escape > 0) {
        if (!this.#readEscape(bytes[at] ?? 0)) return this.#failAt(at);
        at++;
        continue;
      }
      at = endOfPlain(bytes, at);
      if (bytes[at] !== 0x5c) return at === bytes.byteLength || bytes[at] === 0x22 ? at : this.#failAt(at);
      this.#escape = 1;
      this.#hasKeyEscape = true;
      at++;
    }
    return at;
  }

  /** Takes a byte of an escape; false where it is none. */
  #readEscape(byte: number): boolean {
    if (this.#escape === 1) {
      this.#escape = byte === 0x75 ? 5 : 0;
      return byte === 0x75 || isEscapable(byte);
    }
    this.#escape = this.#escape === 2 ? 0 : this.#escape - 1;
    return isHex(byte);
  }

  /** A key ends here, or goes on in the next chunk. */
  #goOnWithKey(bytes: Uint8Array, from: number, at: number): number {
    this.#keyBytes += at - from;
    const isEnded = at < bytes.byteLength;
    const part = bytes.subarray(from, at);
    if (!isEnded) {
      if (this.#keyBytes <= KEY_BYTES) this.#keyParts.push(Buffer.from(part));
      return at;
    }
    this.#mode = "between";
    this.#expected = "colon";
    this.#events.key(this.#readKey(part), this.#containers.length);
    return at + 1;
  }

  #readKey(lastPart: Uint8Array): string | undefined {
    if (this.#keyBytes > KEY_BYTES) return undefined;
    if (!this.#hasKeyEscape && !this.#keys.lengths.has(this.#keyBytes)) return undefined;
    const isWhole = this.#keyParts.length === 0;
    const text = this.#keys.read(isWhole ? lastPart : Buffer.concat([...this.#keyParts, lastPart]));
    return text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
  }

  #readNumber(bytes: Uint8Array, from: number): number {
    let at = from;
    for (; at < bytes.byteLength; at++) {
      const next = nextNumberState(this.#number, bytes[at] ?? 0);
      if (next === 0) return this.#endNumber(at);
      this.#number = next;
    }
    return at;
  }

  #endNumber(at: number): number {
    if (!isWholeNumber(this.#number)) return this.#failAt(at);
    this.#mode = "between";
    this.#endValue(at);
    return at;
  }

  #readWord(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== this.#word.charCodeAt(0)) return this.#failAt(from);
    this.#word = this.#word.slice(1);
    if (this.#word === "") {
      this.#mode = "between";
      this.#endValue(from + 1);
    }
    return from + 1;
  }

  #endValue(at: number): void {
    this.#expected = this.#containers.length === 0 ? "root" : "commaOrEnd";
    this.#events.valueEnd(at, this.#containers.length);
  }

  #failAt(at: number): number {
    this.#fail(at);
    return at;
  }

  #fail(at: number): void {
    this.#mode = "fault";
    this.faultAt = at;
  }
}
