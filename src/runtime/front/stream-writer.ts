import { Buffer } from "node:buffer";
import { encodeChunk, lastChunk } from "../../http/message/chunked-encoder.ts";
import type { AnswerPlan } from "./answer-writer.ts";
import { freeBytes } from "./free-bytes.ts";
import type { Outlet } from "./outlet.ts";

/** So many turns take what is at hand through all stages of a body. */
const TURNS = 4;

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
    await this.#write(this.#isChunked ? encodeChunk(bytes) : bytes);
    if (this.#isOwn) freeBytes(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const all = this.#start ? Buffer.concat([this.#start, bytes]) : bytes;
    this.#start = undefined;
    if (!this.#outlet.write(all)) await this.#outlet.empty();
  }
}
