import { Buffer } from "node:buffer";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { MalformedAnswer } from "./malformed-answer.ts";
import { parseResponseHead } from "./response-head.ts";
import type { ResponseHead } from "./response-head.ts";

/** The longest head of an answer, bytes. */
export const MAX_HEAD_BYTES = 65_536;

/** So many interim answers (1xx) may come before the answer. */
const MAX_INTERIM = 16;

/**
 * Reads one answer off a connection, in whatever pieces it comes. Interim answers are swallowed; one that changes the
 * protocol is malformed, since nobody asked for it.
 */
export class ResponseReader {
  /** Undefined until the answer's head has come. */
  head: ResponseHead | undefined;
  /** Whether the answer has ended. */
  isDone = false;
  /** Whether bytes came that belong to no answer: the connection must not be used again (CVE-2020-11724). */
  hasSurplus = false;
  /** How many bytes of the body have come that nobody took yet. */
  queuedBytes = 0;
  #chunks: Uint8Array[] = [];
  readonly #method: string;
  #unread: Buffer | undefined;
  #interimCount = 0;
  #leftBytes = 0;
  #decoder: ChunkedDecoder | undefined;

  constructor(method: string) {
    this.#method = method;
  }

  /**
   * Takes what came.
   *
   * @throws {MalformedAnswer}
   */
  push(bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined && this.head === undefined) rest = this.#readHead(rest);
    if (rest !== undefined) this.#readBody(rest);
  }

  /** The server has closed its end; tells whether the answer was whole. */
  end(): boolean {
    if (this.head?.framing.kind === "close") this.isDone = true;
    return this.isDone;
  }

  /** All bytes of the body that are at hand, in one piece; undefined where there are none. */
  take(): Uint8Array | undefined {
    const [first] = this.#chunks;
    if (first === undefined) return undefined;
    const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.queuedBytes);
    this.#chunks = [];
    this.queuedBytes = 0;
    return all;
  }

  /** What comes behind a head; undefined where it is not complete. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const all = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
    const searchFrom = Math.max(0, (this.#unread?.byteLength ?? 0) - 3);
    const end = all.indexOf(HEAD_END, searchFrom);
    if ((end < 0 ? all.byteLength : end) > MAX_HEAD_BYTES)
      throw new MalformedAnswer("its head is too long", "long-head");
    if (end < 0) return this.#keep(all, searchFrom);
    this.#unread = undefined;
    this.#takeHead(parseResponseHead(all.toString("latin1", 0, end + 2), this.#method));
    return all.subarray(end + 4);
  }

  /** What can never become a head is refused at once: nobody shall wait for its end. */
  #keep(bytes: Buffer, from: number): undefined {
    const start = bytes.toString("latin1", 0, VERSION.length);
    if (!VERSION.startsWith(start)) throw new MalformedAnswer("it is no HTTP/1");
    if (/[^\r]\n/.test(bytes.toString("latin1", from)))
      throw new MalformedAnswer("its head has a bare line end");
    this.#unread = bytes;
  }

  #takeHead(head: ResponseHead): void {
    if (head.status >= 200) return this.#begin(head);
    if (head.status === 101) throw new MalformedAnswer("it changes the protocol, which nobody asked for");
    if (++this.#interimCount > MAX_INTERIM) throw new MalformedAnswer("it has too many interim answers");
  }

  #begin(head: ResponseHead): void {
    const { framing } = head;
    this.head = head;
    if (framing.kind === "chunked") this.#decoder = new ChunkedDecoder(MalformedAnswer);
    if (framing.kind === "length") this.#leftBytes = framing.bytes;
    this.isDone = framing.kind === "none" || (framing.kind === "length" && framing.bytes === 0);
  }

  #readBody(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    const taken = this.isDone ? 0 : this.#takeBody(bytes);
    if (taken < bytes.byteLength) this.hasSurplus = true;
  }

  /** Gives how many of the bytes are the body's. */
  #takeBody(bytes: Uint8Array): number {
    if (this.#decoder) return this.#decode(bytes, this.#decoder);
    if (this.head?.framing.kind === "close") return this.#add(bytes);
    const taken = this.#add(bytes.byteLength > this.#leftBytes ? bytes.subarray(0, this.#leftBytes) : bytes);
    this.#leftBytes -= taken;
    this.isDone = this.#leftBytes === 0;
    return taken;
  }

  #decode(bytes: Uint8Array, decoder: ChunkedDecoder): number {
    const taken = decoder.push(bytes, (chunk) => this.#add(chunk));
    this.isDone = decoder.isDone;
    return taken;
  }

  #add(chunk: Uint8Array): number {
    this.#chunks.push(chunk);
    this.queuedBytes += chunk.byteLength;
    return chunk.byteLength;
  }
}

const VERSION = "HTTP/1.";
const HEAD_END = Buffer.from("\r\n\r\n");
