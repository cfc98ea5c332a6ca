import { Buffer } from "node:buffer";

const words: Readonly<Record<number, string>> = { 0x74: "rue", 0x66: "alse", 0x6e: "ull" };

/** What comes behind the first byte of `true`, `false` and `null`. */
export function restOfWord(byte: number): string | undefined {
  return words[byte];
}

const escapable: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

/** Whether a backslash may stand before it; `u` is a case of its own. */
export function isEscapable(byte: number): boolean {
  return escapable.has(byte);
}

/** White space; also the record separator of RFC 7464. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1e;
}

/** A hexadecimal digit. */
export function isHex(byte: number): boolean {
  return /[\da-f]/i.test(String.fromCharCode(byte));
}

/** Where the next byte stands that ends a string, begins an escape, or must not be in one. */
export function endOfPlain(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.byteLength; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x22 || byte === 0x5c || byte < 0x20) break;
  }
  return at;
}
