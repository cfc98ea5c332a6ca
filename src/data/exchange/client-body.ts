import type { Exchange } from "./exchange.ts";
import type { ClientBodyFault, ReceivedBody } from "./received-body.ts";
import { UploadCredit } from "./upload-credit.ts";

/** What a client's body is watched with. */
export interface ClientBodyTools {
  /** The longest pause between two reads, ms; Infinity = any. */
  readonly idleMs: number;
  /** The whole exchange, ms; Infinity = any. */
  readonly totalMs: number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Does something later, unless it is stopped. */
  readonly after: (delayMs: number, run: () => void) => { stop(): void };
  /** Tells the runtime that the exchange is slow on purpose. */
  readonly liftIdleLimit: (exchange: Exchange) => void;
}

/** When the runtime is told that the exchange is slow on purpose, ms: before the shortest idle limit, 1 s. */
const LIFT_AFTER_MS = 500;

/**
 * What a client sends, where filters work on it: its length and its pace are watched here, since behind a filter other bytes
 * come at other times. A stream that errors has its reason in `fault`.
 */
export class ClientBody implements ReceivedBody {
  readonly stream: ReadableStream<Uint8Array>;
  fault: ClientBodyFault | undefined;
  bytes = 0;
  movedMs: number;
  readonly #exchange: Exchange;
  readonly #tools: ClientBodyTools;
  readonly #credit: UploadCredit;

  constructor(exchange: Exchange, source: ReadableStream<Uint8Array>, tools: ClientBodyTools) {
    this.#exchange = exchange;
    this.#tools = tools;
    this.#credit = new UploadCredit(exchange.minUploadBytesPerSecond);
    this.movedMs = tools.monotonicMs();
    const reader: Reader = source.getReader();
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pass(reader, controller),
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  async #pass(reader: Reader, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const askedMs = this.#tools.monotonicMs();
    const { done, value } = await this.#readInTime(reader, askedMs);
    this.movedMs = this.#tools.monotonicMs();
    this.#credit.received(value?.byteLength ?? 0, this.movedMs - askedMs);
    this.#count(value?.byteLength ?? 0);
    if (value) controller.enqueue(value);
    if (done) controller.close();
  }

  #readInTime(reader: Reader, askedMs: number): ReturnType<Reader["read"]> {
    return new Promise((resolve, reject) => {
      const watch = this.#watch(askedMs, () => {
        this.fault = "slow_body";
        reject(new Error("Cannot read the body: it comes too slowly"));
      });
      reader
        .read()
        .finally(() => watch.stop())
        .then(resolve, (error: unknown) => {
          this.fault ??= "client_left";
          reject(error);
        });
    });
  }

  /** Waits for the client's next bytes no longer than it may take. Once its answer is on the way, it may take its time. */
  #watch(askedMs: number, giveUp: () => void): { stop(): void } {
    const { after, monotonicMs, liftIdleLimit } = this.#tools;
    const dueMs = this.#dueMs(askedMs);
    const look = (): void => {
      if (this.#exchange.isStreaming) return;
      const nowMs = monotonicMs();
      if (nowMs >= dueMs) return giveUp();
      liftIdleLimit(this.#exchange);
      if (dueMs < Infinity) timer = after(dueMs - nowMs, look);
    };
    let timer = after(Math.min(LIFT_AFTER_MS, dueMs - askedMs), look);
    return { stop: () => timer.stop() };
  }

  #dueMs(askedMs: number): number {
    const { idleMs, totalMs } = this.#tools;
    return Math.min(askedMs + Math.min(idleMs, this.#credit.leftMs()), this.#exchange.startedMs + totalMs);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    const { bodyLimitBytes } = this.#exchange;
    if (bodyLimitBytes === 0 || this.bytes <= bodyLimitBytes) return;
    this.fault = "long_body";
    this.#exchange.isBodyTooLong = true;
    throw new Error("Cannot pass the body on: it is longer than the limit");
  }
}

/** As far as both runtimes agree on it. */
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}
