import { Buffer } from "node:buffer";

type Encoding = ConstructorParameters<typeof TextDecoder>[0];

/** How the text of a body is written in bytes. Nothing is lost either way: bytes that are no text come out as they went in. */
export interface Charset {
  /** 1 where a byte below 0x80 is always the ASCII character, 2 for UTF-16. */
  readonly unitBytes: 1 | 2;
  /** Starts to read one body. */
  decoder(): TextReader;
  /** Writes text; undefined where the charset has no such character. */
  encode(text: string): Uint8Array | undefined;
}

/** Reads the text of one body, whatever its bytes are cut into. */
export interface TextReader {
  write(chunk: Uint8Array): string;
  /** The last bytes, where they make no whole character. */
  rest(): Uint8Array;
}

/** The charset of a label such as `utf-8` or `latin1`; undefined where we cannot write it back byte for byte. */
export function charsetOf(label: string): Charset | undefined {
  const name = canonicalName(label);
  if (name === "utf-8") return utf8;
  if (name === "utf-16le") return utf16le;
  if (name === "utf-16be") return utf16be;
  return name !== undefined && singleByte.test(name) ? tableCharset(name) : undefined;
}

const singleByte = /^(?:windows-125\d|windows-874|iso-8859-\d+|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic)$/;

function canonicalName(label: string): string | undefined {
  try {
    return new TextDecoder(label as Encoding).encoding;
  } catch {
    return undefined;
  }
}

/**
 * A byte that is no text is read as the lone surrogate U+DC00 + byte, which no text has, and so is found again when it is
 * written. A regular expression sees it as one character (CVE-2026-73552: a filter that gave up at such a byte).
 */
const NO_TEXT = 0xdc_00;
const loneSurrogates = /[\udc80-\udcff]/gu;

const utf8: Charset = {
  unitBytes: 1,
  decoder() {
    let rest: Uint8Array = new Uint8Array();
    return {
      write(chunk) {
        const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
        const whole = bytes.byteLength - unfinishedBytes(bytes);
        rest = bytes.slice(whole);
        return readUtf8(bytes.subarray(0, whole));
      },
      rest: () => rest,
    };
  },
  encode: writeUtf8,
};

/** How many bytes at the end begin a character that more bytes may complete. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back++) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOfSequence(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOfSequence(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readUtf8(bytes: Uint8Array): string {
  return tryUtf8(bytes) ?? readBrokenUtf8(bytes);
}

function tryUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function readBrokenUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const lead = bytes[at] ?? 0;
    const next = at + (lead < 0x80 ? 1 : lengthOfSequence(lead));
    const text = tryUtf8(bytes.subarray(at, next));
    parts.push(text ?? String.fromCharCode(NO_TEXT + lead));
    at = text === undefined ? at + 1 : next;
  }
  return parts.join("");
}

function writeUtf8(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { 0: lone, index } of text.matchAll(loneSurrogates)) {
    parts.push(Buffer.from(text.slice(from, index), "utf8"), Uint8Array.of(lone.charCodeAt(0) - NO_TEXT));
    from = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(from), "utf8")]);
}

const utf16le: Charset = {
  unitBytes: 2,
  decoder: () => pairReader((pairs) => pairs.toString("utf16le")),
  encode: (text) => Buffer.from(text, "utf16le"),
};

const utf16be: Charset = {
  unitBytes: 2,
  decoder: () => pairReader((pairs) => Buffer.from(pairs).swap16().toString("utf16le")),
  encode: (text) => Buffer.from(text, "utf16le").swap16(),
};

function pairReader(read: (pairs: Buffer) => string): TextReader {
  let rest: Uint8Array = new Uint8Array();
  return {
    write(chunk) {
      const bytes = Buffer.concat([rest, chunk]);
      const whole = bytes.byteLength - (bytes.byteLength % 2);
      rest = bytes.subarray(whole);
      return read(bytes.subarray(0, whole));
    },
    rest: () => rest,
  };
}

/** A charset of one byte a character. */
function tableCharset(name: string): Charset {
  const decoder = new TextDecoder(name as Encoding);
  const table = Array.from({ length: 256 }, (_, byte) => {
    const character = decoder.decode(Uint8Array.of(byte));
    return character === "\ufffd" ? String.fromCharCode(NO_TEXT + byte) : character;
  });
  const bytes = new Map(table.map((character, byte) => [character, byte]));
  return {
    unitBytes: 1,
    decoder: () => ({
      write: (chunk) => toText(chunk, table),
      rest: () => new Uint8Array(),
    }),
    encode: (text) => toBytes(text, bytes),
  };
}

function toText(chunk: Uint8Array, table: readonly string[]): string {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
  return text.replaceAll(/[\u0080-\u00ff]/g, (byte) => table[byte.charCodeAt(0)] ?? byte);
}

function toBytes(text: string, bytes: ReadonlyMap<string, number>): Uint8Array | undefined {
  const out = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at++) {
    const byte = bytes.get(text.charAt(at));
    if (byte === undefined) return undefined;
    out[at] = byte;
  }
  return out;
}
