import { Buffer } from "node:buffer";
import { codeAt, sizeOfCharacter } from "./utf8-bytes.ts";

/**
 * A byte that is no text is read as the lone surrogate U+DC00 + byte, which no text has, and so is found again when it is
 * written. A regular expression sees it as one character (CVE-2026-73552: a filter that gave up at such a byte).
 */
export const NO_TEXT = 0xdc_00;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads whole characters. */
export function readUtf8(bytes: Uint8Array): string {
  return tryUtf8(bytes) ?? readBrokenUtf8(bytes);
}

function tryUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Writes what `readUtf8` has read, byte for byte. */
export function writeUtf8(text: string): Uint8Array {
  return text.isWellFormed() ? Buffer.from(text, "utf8") : writeBrokenUtf8(text);
}

/** So many units are put together at a time: what a broken body takes must be bounded, too. */
const scratch = new Uint16Array(32_768);

function readBrokenUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; at < bytes.byteLength;) {
    const size = sizeOfCharacter(bytes, at);
    length = push(length, size === 0 ? NO_TEXT + (bytes[at] as number) : codeAt(bytes, at, size));
    at += Math.max(size, 1);
    if (length < scratch.length - 1) continue;
    parts.push(textOf(scratch, length));
    length = 0;
  }
  return parts.join("") + textOf(scratch, length);
}

/** Adds a character, and gives how many units there are then. */
function push(length: number, code: number): number {
  if (code <= 0xff_ff) {
    scratch[length] = code;
    return length + 1;
  }
  scratch[length] = 0xd8_00 + ((code - 0x1_00_00) >> 10);
  scratch[length + 1] = 0xdc_00 + (code & 0x3_ff);
  return length + 2;
}

/** A text of these units. */
export function textOf(units: Uint16Array, length: number): string {
  return Buffer.from(units.buffer, units.byteOffset, 2 * length).toString("utf16le");
}

function writeBrokenUtf8(text: string): Uint8Array {
  let lone = 0;
  forEachCharacter(text, (code) => (lone += isLone(code) ? 1 : 0));
  // As text, each of them would be three bytes long.
  const writer = new Writer(Buffer.byteLength(text, "utf8") - 2 * lone);
  forEachCharacter(text, (code) => (isLone(code) ? writer.put(code - NO_TEXT, 1) : writer.write(code)));
  return writer.bytes;
}

function forEachCharacter(text: string, visit: (code: number) => void): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) as number;
    visit(code);
    if (code > 0xff_ff) at++;
  }
}

/** U+DC80 to U+DCFF. */
function isLone(code: number): boolean {
  return code >> 7 === (NO_TEXT + 0x80) >> 7;
}

class Writer {
  readonly bytes: Uint8Array;
  #length = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length);
  }

  write(code: number): void {
    if (code < 0x80) this.put(code, 1);
    else if (code < 0x8_00) this.put(code, 2);
    else this.put(code, code > 0xff_ff ? 4 : 3);
  }

  /** Writes so many bytes. */
  put(code: number, size: number): void {
    let rest = code;
    for (let place = this.#length + size - 1; place > this.#length; place--) {
      this.bytes[place] = 0x80 | (rest & 0x3f);
      rest >>= 6;
    }
    this.bytes[this.#length] = size === 1 ? code : (0xf_00 >> size) | rest;
    this.#length += size;
  }
}
