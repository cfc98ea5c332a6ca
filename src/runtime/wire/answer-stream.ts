import type { ResponseReader } from "../../http/message/response-reader.ts";

/** So much of a body is taken in at once, bytes, before the server has to wait until somebody asks for more. */
const HIGH_WATER_BYTES = 65_536;

/** What an answer's body can ask of its connection; asking twice is harmless. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * An answer's body, read as fast as somebody takes it: what is not asked for stays with the server.
 *
 * Long pieces are handed on with the connection paused, since a client may never ask for more, and the system would hand
 * us half a megabyte on top.
 */
export class AnswerStream {
  readonly #reader: ResponseReader;
  readonly #flow: Flow;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #failure: Error | undefined;

  constructor(reader: ResponseReader, flow: Flow) {
    this.#reader = reader;
    this.#flow = flow;
  }

  /** The next bytes; undefined at the end. Rejects where the body breaks off, after what came of it. */
  read(): Promise<Uint8Array | undefined> {
    const bytes = this.#reader.take();
    if (bytes !== undefined || this.#reader.isDone) return Promise.resolve(bytes);
    if (this.#failure) return Promise.reject(this.#failure);
    this.#waiting = Promise.withResolvers();
    this.#flow.resume();
    return this.#waiting.promise;
  }

  /** Something came, or the end. */
  look(): void {
    const waiting = this.#waiting;
    const { isDone, queuedBytes } = this.#reader;
    if (!isDone && queuedBytes >= HIGH_WATER_BYTES) this.#flow.pause();
    if (!waiting || (queuedBytes === 0 && !isDone)) return;
    this.#waiting = undefined;
    waiting.resolve(this.#reader.take());
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
