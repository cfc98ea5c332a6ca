import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { BodyStep } from "./body-step.ts";
import { Coder } from "./coder.ts";
import type { ZlibStream } from "./coder.ts";
import { StageFault } from "./stage-fault.ts";

/** Decodes a body as it comes, within bounds. */
export type Decode = () => BodyStep;

const PIECE_BYTES = 65_536;

/** This much may come out of any body, however little went in. */
const FREE_BYTES = 16 * 1024 * 1024;

/** Past that, a body that grows more than this is taken for a bomb: honest ones shrink to a hundredth at best. */
const LARGEST_RATIO = 250;

const streams: Readonly<Record<string, () => ZlibStream>> = {
  gzip: () => createGunzip({ chunkSize: PIECE_BYTES }),
  "x-gzip": () => createGunzip({ chunkSize: PIECE_BYTES }),
  deflate: () => createInflate({ chunkSize: PIECE_BYTES }),
  br: () => createBrotliDecompress({ chunkSize: PIECE_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: PIECE_BYTES }),
};

/** The way to decode a Content-Encoding; undefined for one that we cannot read. */
export function decoderOf(contentEncoding: string): Decode | undefined {
  const create = streams[contentEncoding.toLowerCase()];
  return create && (() => new Decoder(create()));
}

/** A coder that never gives out more than an honest body would, and that tells whose fault it is when it fails. */
class Decoder implements BodyStep {
  readonly #coder: Coder;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(stream: ZlibStream) {
    this.#coder = new Coder(stream);
  }

  push(chunk: Uint8Array): void {
    this.#bytesIn += chunk.byteLength;
    this.#coder.push(chunk);
  }

  /** Whatever can be decoded by now is out already. */
  flush(): void {}

  end(): void {
    this.#coder.end();
  }

  async next(): Promise<Uint8Array | undefined> {
    const piece = await this.#decode();
    this.#bytesOut += piece?.byteLength ?? 0;
    if (this.#bytesOut > FREE_BYTES && this.#bytesOut > LARGEST_RATIO * this.#bytesIn) {
      throw broken(`it grows to more than ${LARGEST_RATIO} times its size`);
    }
    return piece;
  }

  close(): void {
    this.#coder.close();
  }

  async #decode(): Promise<Uint8Array | undefined> {
    try {
      return await this.#coder.next();
    } catch (error) {
      throw broken(error instanceof Error ? error.message : String(error), error);
    }
  }
}

function broken(why: string, cause?: unknown): StageFault {
  return new StageFault("http_response_content_coding", `Cannot decode the body: ${why}`, cause);
}
