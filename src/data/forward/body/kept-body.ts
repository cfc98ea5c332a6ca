import type { BodySource } from "../../../runtime/client.ts";
import type { ReceivedBody } from "../../exchange/received-body.ts";
import { UploadCredit } from "../../exchange/upload-credit.ts";

/** Who has to move next while a request is sent, since an instant of the monotonic clock, ms. */
export interface Turn {
  /** The client sends its next bytes, the server takes them, the server replies, or it sends its answer's body. */
  readonly whose: "sender" | "taker" | "replier" | "teller";
  readonly sinceMs: number;
}

/** What a body is kept with. */
export interface KeepOptions {
  /** The most that is remembered, bytes; a longer body streams on and cannot be sent again. */
  readonly limitBytes: number;
  /** How long the body will be, bytes; NaN where the client did not say. */
  readonly lengthBytes: number;
  /** Absent = the client may send as much as it likes. */
  readonly most?: MostBytes;
  /** The slowest that a client may send, bytes a second; absent = it may take its time. */
  readonly minBytesPerSecond?: number;
  /** Where filters work on the body: what the client itself sends, which is watched there and not here. */
  readonly client?: ReceivedBody | undefined;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
}

/** The most that a client may send. A server never sees the end of a body that is longer. */
export interface MostBytes {
  readonly bytes: number;
  readonly exceeded: () => void;
}

interface Source {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/**
 * A request's body on its way to a server, remembered up to a limit so that another attempt can send it again.
 *
 * Nothing is held back: a chunk goes to the server when it arrives, and the next is asked for when the server took it.
 * An attempt that is given up does not end the client's stream: the next attempt goes on where it stood.
 */
export class KeptBody {
  readonly #source: Source;
  readonly #options: KeepOptions;
  #chunks: Uint8Array[] = [];
  #forgotten = 0;
  #bytes = 0;
  readonly #credit: UploadCredit;
  #turn: Turn;
  #isDone = false;
  #isBroken = false;
  #error: unknown;
  #isLeft = false;
  #pending: Promise<void> | undefined;

  constructor(source: ReadableStream<Uint8Array>, options: KeepOptions) {
    this.#source = source.getReader();
    this.#options = options;
    this.#credit = new UploadCredit(options.minBytesPerSecond ?? 0);
    this.#turn = { whose: "taker", sinceMs: options.monotonicMs() };
  }

  /** Bytes that were read from the client. */
  bytes(): number {
    return this.#options.client?.bytes ?? this.#bytes;
  }

  /** Who has to move next, and since when. */
  turn(): Turn {
    const { client } = this.#options;
    if (!client || this.#turn.whose !== "sender") return this.#turn;
    return { whose: "sender", sinceMs: Math.max(this.#turn.sinceMs, client.movedMs) };
  }

  /** How long the client may take over its next bytes, from the beginning of its turn, ms. */
  creditMs(): number {
    return this.#credit.leftMs();
  }

  /** Whether the body broke off before its end: the client left, or a filter failed. */
  isBroken(): boolean {
    return this.#isBroken;
  }

  /** What it broke off with. */
  brokenBy(): unknown {
    return this.#error;
  }

  /** Whether the whole body so far is still remembered. */
  canReplay(): boolean {
    return this.#bytes <= this.#options.limitBytes;
  }

  /** Whether all of it has come, and is remembered. */
  isWhole(): boolean {
    return (this.#isDone || this.#hasLength()) && this.canReplay();
  }

  /**
   * Gives up what the client has still to send: whoever reads on sees a broken body, never a short one that looks whole.
   *
   * Deno keeps the connection of an answer that was broken off for as long as somebody may still read the request.
   */
  leave(): void {
    if (this.#isDone || this.#isLeft) return;
    this.#isLeft = true;
    this.#source.cancel().catch(() => {});
  }

  /** The body from its start. Two attempts that wait for its next bytes share one read. */
  source(): BodySource {
    let place = 0;
    return { read: () => this.#chunkAt(place++) };
  }

  /** The chunk at a place, waiting for it; undefined at the end. */
  async #chunkAt(place: number): Promise<Uint8Array | undefined> {
    while (place >= this.#forgotten + this.#chunks.length && !this.#isDone) {
      this.#pending ??= this.#readMore().finally(() => (this.#pending = undefined));
      await this.#pending;
    }
    return this.#chunks[place - this.#forgotten];
  }

  async #readMore(): Promise<void> {
    const { monotonicMs } = this.#options;
    this.#pass("sender");
    const { sinceMs } = this.#turn;
    const { done, value } = await this.#read();
    this.#isDone = done;
    this.#credit.received(value?.byteLength ?? 0, monotonicMs() - sinceMs);
    if (value) this.#remember(value);
    // A body of known length is over with its last byte: nobody asks for more.
    this.#pass(done || this.#hasLength() ? "replier" : "taker");
  }

  #hasLength(): boolean {
    return this.#bytes === this.#options.lengthBytes;
  }

  async #read(): ReturnType<Source["read"]> {
    const outcome = await this.#source.read().catch((error: unknown) => {
      this.#isBroken = true;
      this.#error = error;
      throw error;
    });
    if (this.#isLeft) throw new Error("Cannot read on: the exchange is over");
    return outcome;
  }

  #remember(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    this.#refuseTooLong();
    if (this.#bytes > this.#options.limitBytes) {
      this.#forgotten += this.#chunks.length;
      this.#chunks = [];
    }
    this.#chunks.push(chunk);
  }

  #refuseTooLong(): void {
    const { most } = this.#options;
    if (!most || this.#bytes <= most.bytes) return;
    most.exceeded();
    throw new Error("Cannot pass the body on: it is longer than the limit");
  }

  #pass(whose: Turn["whose"]): void {
    this.#turn = { whose, sinceMs: this.#options.monotonicMs() };
  }
}
