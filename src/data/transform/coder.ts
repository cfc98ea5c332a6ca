import type { Transform } from "node:stream";
import type { BodyStep } from "./body-step.ts";

/** A stream of `node:zlib`; all of them can be flushed. */
export type ZlibStream = Transform & { flush(done: () => void): void };

/**
 * A stream of `node:zlib`, worked by hand: it stands still whenever nobody asks for its output, so that even a chunk that
 * decodes to gigabytes is in memory only piece by piece.
 */
export class Coder implements BodyStep {
  readonly #stream: ZlibStream;
  #isBusy = false;
  #error: unknown;
  #wake = (): void => {};

  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on("readable", () => this.#wake());
    stream.on("end", () => this.#rest());
    stream.on("error", (error) => {
      this.#error = error;
      this.#rest();
    });
    stream.on("close", () => {
      if (!stream.readableEnded) this.#error ??= new Error("Cannot go on: the coder was closed");
      this.#rest();
    });
  }

  push(chunk: Uint8Array): void {
    this.#isBusy = true;
    this.#stream.write(chunk, () => this.#rest());
  }

  flush(): void {
    this.#isBusy = true;
    this.#stream.flush(() => this.#rest());
  }

  end(): void {
    this.#isBusy = true;
    this.#stream.end();
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#stream.read() as Uint8Array | null;
      if (piece) return piece;
      if (this.#error !== undefined) throw this.#error;
      if (!this.#isBusy) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  #rest(): void {
    this.#isBusy = false;
    this.#wake();
  }
}
