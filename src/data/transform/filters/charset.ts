import { Buffer } from "node:buffer";
import { memoise } from "../../../http/memoise.ts";
import { NO_TEXT, readUtf8, textOf, writeUtf8 } from "./utf8.ts";
import { unfinishedBytes } from "./utf8-bytes.ts";

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

/** Whether a label means a charset of one byte a character. */
export function isTableLabel(label: string): boolean {
  return singleByte.test(canonicalName(label) ?? "");
}

const singleByte = /^(?:windows-125\d|windows-874|iso-8859-\d+|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic)$/;

function canonicalName(label: string): string | undefined {
  try {
    return new TextDecoder(label as Encoding).encoding;
  } catch {
    return undefined;
  }
}

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
  const { units, bytes } = tablesOf(name);
  return {
    unitBytes: 1,
    decoder: () => ({
      write: (chunk) => toText(chunk, units),
      rest: () => new Uint8Array(),
    }),
    encode: (text) => toBytes(text, bytes),
  };
}

/** What each byte means, and what byte each unit of text is written as; -1 = none. */
interface Tables {
  readonly units: Uint16Array;
  readonly bytes: Int16Array;
}

const tablesOf = memoise(32, (name: string): Tables => {
  const decoder = new TextDecoder(name as Encoding);
  const units = Uint16Array.from({ length: 256 }, (_, byte) => {
    const unit = decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
    return unit === 0xff_fd ? NO_TEXT + byte : unit;
  });
  const bytes = new Int16Array(0x1_00_00).fill(-1);
  units.forEach((unit, byte) => (bytes[unit] = byte));
  return { units, bytes };
});

function toText(chunk: Uint8Array, table: Uint16Array): string {
  const units = new Uint16Array(chunk.byteLength);
  for (let at = 0; at < chunk.byteLength; at++) units[at] = table[chunk[at] as number] as number;
  return textOf(units, units.length);
}

function toBytes(text: string, bytes: Int16Array): Uint8Array | undefined {
  const out = Buffer.allocUnsafeSlow(text.length);
  for (let at = 0; at < text.length; at++) {
    const byte = bytes[text.charCodeAt(at)] as number;
    if (byte < 0) return undefined;
    out[at] = byte;
  }
  return out;
}
