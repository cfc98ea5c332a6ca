import { ChunkedDecoder } from "../../http/message/chunked-decoder.ts";
import { MalformedRequest } from "../../http/message/received-head.ts";

/** So much of a body is taken in, bytes, before its client has to wait until somebody asks for more. */
const HIGH_WATER_BYTES = 65_536;

/** What a body can ask of its connection; asking twice is harmless. */
export interface IntakeFlow {
  /** Somebody wants the body: the client may have waited to hear that. */
  wanted(): void;
  pause(): void;
  resume(): void;
}

/** A client's body, taken off its connection as fast as somebody reads it. */
export class BodyIntake {
  /** Whether all of it has come. */
  isDone = false;
  readonly #flow: IntakeFlow;
  readonly #decoder: ChunkedDecoder | undefined;
  #leftBytes: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #failure: Error | undefined;
  #isUnwanted = false;
  #stream: ReadableStream<Uint8Array> | undefined;

  constructor(framing: "chunked" | number, flow: IntakeFlow) {
    this.#flow = flow;
    this.#decoder = framing === "chunked" ? new ChunkedDecoder(MalformedRequest) : undefined;
    this.#leftBytes = framing === "chunked" ? 0 : framing;
  }

  get stream(): ReadableStream<Uint8Array> {
    this.#stream ??= new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const bytes = await this.#read();
          if (bytes === undefined) controller.close();
          else controller.enqueue(bytes);
        },
        cancel: () => this.drop(),
      },
      { highWaterMark: 0 },
    );
    return this.#stream;
  }

  /**
   * Takes what came, and tells how many bytes of it are the body's.
   *
   * @throws {MalformedRequest} where its chunks are none.
   */
  push(bytes: Uint8Array): number {
    const taken = this.#decoder ? this.#decode(bytes, this.#decoder) : this.#take(bytes);
    this.#serve();
    if (this.#queuedBytes >= HIGH_WATER_BYTES && !this.isDone) this.#flow.pause();
    return taken;
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    if (this.isDone) return;
    this.#failure = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  /** Nobody wants what is still to come: it is thrown away. */
  drop(): void {
    this.#isUnwanted = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (!this.isDone) this.#flow.resume(); // else what waits behind it waits for its turn
  }

  #read(): Promise<Uint8Array | undefined> {
    const bytes = this.#queue.shift();
    if (bytes) {
      this.#queuedBytes -= bytes.byteLength;
      if (this.#queuedBytes < HIGH_WATER_BYTES && !this.isDone) this.#flow.resume();
      return Promise.resolve(bytes);
    }
    if (this.isDone) return Promise.resolve(undefined);
    if (this.#failure) return Promise.reject(this.#failure);
    this.#flow.wanted();
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  #serve(): void {
    const waiting = this.#waiting;
    const bytes = waiting && this.#queue.shift();
    if (!waiting || (!bytes && !this.isDone)) return;
    this.#waiting = undefined;
    this.#queuedBytes -= bytes?.byteLength ?? 0;
    waiting.resolve(bytes);
  }

  #take(bytes: Uint8Array): number {
    const part = bytes.byteLength > this.#leftBytes ? bytes.subarray(0, this.#leftBytes) : bytes;
    this.#leftBytes -= part.byteLength;
    this.#add(part);
    this.isDone = this.#leftBytes === 0;
    return part.byteLength;
  }

  #decode(bytes: Uint8Array, decoder: ChunkedDecoder): number {
    const taken = decoder.push(bytes, (part) => this.#add(part));
    this.isDone = decoder.isDone;
    return taken;
  }

  #add(part: Uint8Array): void {
    if (this.#isUnwanted || part.byteLength === 0) return;
    this.#queue.push(part);
    this.#queuedBytes += part.byteLength;
  }
}
