import { Buffer } from "node:buffer";
import { encodeChunk, lastChunk } from "../../http/message/chunked-encoder.ts";
import type { AnswerPlan } from "./answer-writer.ts";
import { freeBytes } from "./free-bytes.ts";
import type { Outlet } from "./outlet.ts";

/** So many turns take what is at hand through all stages of a body. */
const TURNS = 4;

/** A head is joined with so many bytes of its body at most. */
const JOINED_BYTES = 65_536;

/** As far as both runtimes agree on it. */
interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** A body that streams, on its way to a client that takes it as fast as it can. */
export class StreamWriter {
  readonly #outlet: Outlet;
  readonly #isChunked: boolean;
  readonly #isOwn: boolean;
  readonly #reader: BodyReader;
  #leftBytes: number;
  /** Whether what is written now is all of its memory, and nobody else has it. */
  #isAlone = false;
  /** Whether its client did not take all at once before. */
  #hasWaited = false;
  /** The head, until it is sent. */
  #start: Uint8Array | undefined;

  constructor(body: ReadableStream<Uint8Array>, plan: AnswerPlan, outlet: Outlet) {
    this.#reader = body.getReader();
    this.#isChunked = plan.isChunked;
    this.#isOwn = plan.isOwn;
    this.#leftBytes = plan.lengthBytes;
    this.#start = Buffer.from(plan.head, "latin1");
    this.#outlet = outlet;
  }

  /** Sends all of it. Rejects where it breaks off, or is not as long as it was said to be. */
  async run(): Promise<void> {
    const first = this.#reader.read();
    void this.#announce(first);
    for (let { done, value } = await first; !done; { done, value } = await this.#reader.read())
      if (value) await this.#pass(value);
    if (this.#leftBytes > 0) throw new Error("Cannot answer: the body is shorter than it was said to be");
    await this.#write(this.#isChunked ? lastChunk : new Uint8Array());
  }

  /** Its client takes nothing for a while: only what it has not taken is kept. */
  compact(): void {
    this.#outlet.compact(this.#isAlone);
  }

  /** Whoever makes the body shall stop. */
  cancel(): void {
    this.#reader.cancel().catch(() => {});
  }

  /** The head goes out before the body where nothing of that is at hand: nobody knows when it begins. */
  async #announce(first: Promise<unknown>): Promise<void> {
    const nothing = Symbol("nothing");
    for (let turn = 0; turn < TURNS; turn++) {
      const soonest = await Promise.race([first, Promise.resolve(nothing)]).catch(() => undefined);
      if (soonest !== nothing) return;
    }
    if (this.#start) this.#outlet.write(this.#start);
    this.#start = undefined;
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    this.#leftBytes -= bytes.byteLength;
    if (this.#leftBytes < 0) throw new Error("Cannot answer: the body is longer than it was said to be");
    const sent = this.#isChunked ? encodeChunk(bytes) : bytes;
    if (sent !== bytes && this.#isOwn) freeBytes(bytes);
    await this.#write(sent, sent !== bytes || this.#isOwn);
    if (sent !== bytes || this.#isOwn) freeBytes(sent);
  }

  async #write(bytes: Uint8Array, isOwn = false): Promise<void> {
    const all = this.#withHead(bytes);
    this.#isAlone = (isOwn || all !== bytes) && all.byteLength === all.buffer.byteLength;
    if (this.#outlet.write(all)) return;
    if (!this.#hasWaited) this.compact(); // most that stall do so at once, and many may come at the same time
    this.#hasWaited = true;
    await this.#outlet.empty();
  }

  /** The head goes out with what follows, unless that is so long that to copy it costs more than to send twice. */
  #withHead(bytes: Uint8Array): Uint8Array {
    const head = this.#start;
    this.#start = undefined;
    if (head === undefined) return bytes;
    if (bytes.byteLength <= JOINED_BYTES) return Buffer.concat([head, bytes]);
    this.#outlet.write(head);
    return bytes;
  }
}
