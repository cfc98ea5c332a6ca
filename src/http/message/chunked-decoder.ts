/** Size lines, extensions and trailers of a body may be so long, bytes; a size line too. */
const MAX_EXTENSION_BYTES = 16_384;
const MAX_TRAILER_BYTES = 16_384;

/** Takes bytes of a body, which it may keep. */
export type TakeBytes = (bytes: Uint8Array) => void;

/** What is thrown where a body cannot be read: it says whose body that is. */
export type Malformed = new (what: string) => Error;

/**
 * Takes a chunked body apart, in whatever pieces it comes. Extensions and trailers are checked, bounded and dropped.
 *
 * Source: RFC 9112, 7.1; CVE-2023-39326 for the bound on extensions.
 */
export class ChunkedDecoder {
  /** Whether the last chunk and the trailers behind it have come. */
  isDone = false;
  readonly #malformed: Malformed;
  #part: "size" | "data" | "data-end" | "trailer" = "size";
  /** The line that is being read, so far. */
  #line = "";
  #leftBytes = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  constructor(malformed: Malformed) {
    this.#malformed = malformed;
  }

  /**
   * Takes what came, hands on what belongs to the body, and tells how many bytes it took: fewer than there are where the
   * body ends before them.
   *
   * @throws {Error} of the class that it was made with, where they are malformed.
   */
  push(bytes: Uint8Array, take: TakeBytes): number {
    let at = 0;
    while (at < bytes.byteLength && !this.isDone) {
      at = this.#part === "data" ? this.#passData(bytes, at, take) : this.#readLine(bytes, at);
    }
    return at;
  }

  #passData(bytes: Uint8Array, from: number, take: TakeBytes): number {
    const to = Math.min(bytes.byteLength, from + this.#leftBytes);
    this.#leftBytes -= to - from;
    if (this.#leftBytes === 0) this.#part = "data-end";
    take(bytes.subarray(from, to));
    return to;
  }

  #readLine(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.byteLength : end + 1;
    if (this.#line.length + to - from > MAX_EXTENSION_BYTES)
      throw new this.#malformed("its chunks have a line too long");
    for (let at = from; at < to; at++) this.#line += String.fromCharCode(bytes[at] ?? 0);
    if (end >= 0) this.#endLine();
    return to;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    if (this.#part === "size") this.#takeSize(line);
    else if (this.#part === "trailer") this.#takeTrailer(line);
    else if (line === "\r\n") this.#part = "size";
    else throw new this.#malformed("a chunk is longer than it says");
  }

  #takeSize(line: string): void {
    const [, digits, extension = ""] = sizeLine.exec(line) ?? [];
    if (digits === undefined) throw new this.#malformed("its chunks are malformed");
    this.#extensionBytes += extension.length;
    if (this.#extensionBytes > MAX_EXTENSION_BYTES)
      throw new this.#malformed("its chunks have too many extensions");
    this.#leftBytes = Number.parseInt(digits, 16);
    this.#part = this.#leftBytes === 0 ? "trailer" : "data";
  }

  #takeTrailer(line: string): void {
    this.#trailerBytes += line.length;
    if (line === "\r\n") this.isDone = true;
    else if (!trailerLine.test(line)) throw new this.#malformed("it has a trailer that is no field");
    else if (this.#trailerBytes > MAX_TRAILER_BYTES) throw new this.#malformed("its trailers are too long");
  }
}

/** Sizes that a number holds exactly. */
const sizeLine = /^([\da-f]{1,13})([ \t]*(?:;[\t -~\x80-\xff]*)?)\r\n$/i;
const trailerLine = /^[\w!#$%&'*+.^`|~-]+:[\t -~\x80-\xff]*\r\n$/;
