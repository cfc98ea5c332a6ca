import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";

/** What is looked for in bytes, and what stands there instead. */
export interface ByteReplacement {
  /** Not empty. */
  readonly find: Uint8Array;
  readonly with: Uint8Array;
  /** Matches begin at a multiple of this: a character of UTF-16 is two bytes wide. */
  readonly unitBytes: 1 | 2;
}

/**
 * Replaces every occurrence, without decoding: in the charsets that we know, equal bytes at a character's start are equal
 * text. Only what could be the beginning of a match is held back, so that a slow stream is not delayed.
 */
export function replaceText(replacement: ByteReplacement): BodyFilter {
  const { find, unitBytes } = replacement;
  const fallback = failureTable(find);
  let held = Buffer.alloc(0);
  let heldAt = 0; // where in the body the held bytes began
  return {
    write(chunk) {
      const bytes = held.byteLength === 0 ? view(chunk) : Buffer.concat([held, chunk]);
      const pieces: Uint8Array[] = [];
      const from = replaceIn(bytes, { ...replacement, isOdd: unitBytes === 2 && heldAt % 2 === 1 }, pieces);
      const keepFrom = bytes.byteLength - prefixAtEnd(bytes.subarray(from), find, fallback);
      pieces.push(bytes.subarray(from, keepFrom));
      heldAt += keepFrom;
      held = Buffer.from(bytes.subarray(keepFrom));
      return pieces.length === 1 ? pieces : Buffer.concat(pieces);
    },
    end: () => held,
  };
}

/** Pushes what stands up to the last match, and gives where that match ended. */
function replaceIn(
  bytes: Buffer,
  { find, with: instead, unitBytes, isOdd }: ByteReplacement & { readonly isOdd: boolean },
  pieces: Uint8Array[],
): number {
  let from = 0;
  for (let at = bytes.indexOf(find); at >= 0;) {
    if (unitBytes === 2 && (at % 2 === 1) !== isOdd) {
      at = bytes.indexOf(find, at + 1);
      continue;
    }
    pieces.push(bytes.subarray(from, at), instead);
    from = at + find.byteLength;
    at = bytes.indexOf(find, from);
  }
  return from;
}

/** Knuth, Morris, Pratt: for each length of a matched beginning, the next shorter one that it ends with. */
function failureTable(find: Uint8Array): Int32Array {
  const table = new Int32Array(find.byteLength);
  for (let at = 1, matched = 0; at < find.byteLength; at++) {
    while (matched > 0 && find[at] !== find[matched]) matched = table[matched - 1] ?? 0;
    if (find[at] === find[matched]) matched++;
    table[at] = matched;
  }
  return table;
}

/** How many bytes at the end are the beginning of a match. */
function prefixAtEnd(bytes: Uint8Array, find: Uint8Array, fallback: Int32Array): number {
  let matched = 0;
  for (let at = Math.max(0, bytes.byteLength - find.byteLength + 1); at < bytes.byteLength; at++) {
    while (matched > 0 && bytes[at] !== find[matched]) matched = fallback[matched - 1] ?? 0;
    if (bytes[at] === find[matched]) matched++;
  }
  return matched;
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
