import type { ResponseReader } from "../../http/response-reader.ts";

/** So much of a body is read ahead before the server has to wait, bytes. */
const HIGH_WATER_BYTES = 65_536;

/** What an answer's body can ask of its connection. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** An answer's body, read as fast as somebody takes it: what is not taken soon stays with the server. */
export class AnswerStream {
  readonly #reader: ResponseReader;
  readonly #flow: Flow;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #failure: Error | undefined;
  #isPaused = false;

  constructor(reader: ResponseReader, flow: Flow) {
    this.#reader = reader;
    this.#flow = flow;
  }

  /** The next bytes; undefined at the end. Rejects where the body breaks off, after what came of it. */
  read(): Promise<Uint8Array | undefined> {
    const bytes = this.#reader.take();
    if (bytes !== undefined || this.#reader.isDone) return Promise.resolve(this.#resumed(bytes));
    if (this.#failure) return Promise.reject(this.#failure);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Something came, or the end. */
  look(): void {
    const waiting = this.#waiting;
    const { isDone, queuedBytes } = this.#reader;
    if (!waiting) return isDone ? undefined : this.#pauseAbove(queuedBytes);
    if (queuedBytes === 0 && !isDone) return;
    this.#waiting = undefined;
    waiting.resolve(this.#reader.take());
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #pauseAbove(queuedBytes: number): void {
    if (this.#isPaused || queuedBytes < HIGH_WATER_BYTES) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  #resumed(bytes: Uint8Array | undefined): Uint8Array | undefined {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#flow.resume();
    }
    return bytes;
  }
}
