import type { BodyStep } from "../body-step.ts";
import type { ByteReader } from "../byte-reader.ts";
import { StageFault } from "../stage-fault.ts";

/**
 * A body that code of the user's own reads, and the one that it gave instead. The one is fed only when somebody reads it, and
 * the other is read only when the client takes a piece, so that neither piles up.
 */
export class BorrowedBody implements BodyStep {
  /** What the server sends. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #name: string;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #reader: ByteReader | undefined;
  #isReading = false;
  readonly #pieces: Uint8Array[] = [];
  #error: unknown;
  #isDone = false;
  #isEnded = false;
  #isWanted = false;
  #fed = (): void => {};
  #wake = (): void => {};

  constructor(name: string) {
    this.#name = name;
    this.stream = new ReadableStream(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#want(),
        cancel: () => void (this.#isWanted = false),
      },
      { highWaterMark: 0 },
    );
  }

  /** Takes the body that stands in for it. */
  give(body: ReadableStream<Uint8Array> | null): this {
    if (body) this.#reader = body.getReader();
    else this.#isDone = true;
    return this;
  }

  push(chunk: Uint8Array): void {
    this.#isWanted = false;
    try {
      this.#controller?.enqueue(Uint8Array.from(chunk));
    } catch {
      // Nobody reads it any more.
    }
    this.#fed();
  }

  flush(): void {}

  end(): void {
    this.#isEnded = true;
    try {
      this.#controller?.close();
    } catch {
      // It was cancelled.
    }
    this.#fed();
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) return piece;
      if (this.#error !== undefined) throw this.#fault();
      if (this.#isDone || (this.#isWanted && !this.#isEnded)) return undefined;
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      if (!this.#isReading) void this.#readPiece();
      await woken;
    }
  }

  close(): void {
    this.#reader?.cancel().catch(() => {});
  }

  #want(): Promise<void> {
    this.#isWanted = true;
    this.#wake();
    return new Promise((resolve) => (this.#fed = resolve));
  }

  async #readPiece(): Promise<void> {
    this.#isReading = true;
    try {
      const { done, value } = (await this.#reader?.read()) ?? { done: true };
      this.#isDone = done;
      if (value) this.#pieces.push(value);
    } catch (error) {
      this.#error = error ?? new Error("it broke its body off");
    }
    this.#isReading = false;
    this.#wake();
  }

  #fault(): StageFault {
    const what = this.#error instanceof Error ? this.#error.message : String(this.#error);
    return new StageFault(
      "proxy_internal_error",
      `Cannot apply the filter "${this.#name}": ${what}`,
      this.#error,
    );
  }
}
