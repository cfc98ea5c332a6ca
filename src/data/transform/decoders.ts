import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  zstdCompressSync,
} from "node:zlib";
import type { BodyStep } from "./body-step.ts";
import { Coder } from "./coder.ts";
import type { ZlibStream } from "./coder.ts";
import { joinBytes } from "./join-bytes.ts";
import { StageFault } from "./stage-fault.ts";

/** Decodes a body as it comes, within bounds. */
export type Decode = () => BodyStep;

const PIECE_BYTES = 65_536;

/** This much may come out of any body, however little went in. */
const FREE_BYTES = 16 * 1024 * 1024;

/** Past that, a body that grows more than this is taken for a bomb; gzip can hold a thousandfold, the others more. */
const LARGEST_RATIO = 250;

/** How a coding is read. */
interface Coding {
  readonly create: () => ZlibStream;
  /** Asked after the last byte, where the runtimes do not notice by themselves that a body broke off. */
  readonly probe?: Probe;
}

/** Bytes that a decoder which has seen the end of its body makes exactly `answer` of, and any other does not. */
interface Probe {
  readonly bytes: Uint8Array;
  readonly answer: Uint8Array;
  /** The shortest body that there can be; what is shorter has not ended. */
  readonly leastBytes: number;
}

/** A second frame: a decoder that still waits for the rest of the first one takes it for that. */
const nonce = new TextEncoder().encode("this is the end");
const zstdProbe: Probe = { bytes: zstdCompressSync(nonce), answer: nonce, leastBytes: 9 };

/** What follows the end is ignored; before the end, zeros are some more of the body, or broken. */
const brotliProbe: Probe = { bytes: new Uint8Array(4096), answer: new Uint8Array(0), leastBytes: 1 };

const gzip: Coding = { create: () => createGunzip({ chunkSize: PIECE_BYTES }) };

const codings: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", { create: () => createInflate({ chunkSize: PIECE_BYTES }) }],
  ["br", { create: () => createBrotliDecompress({ chunkSize: PIECE_BYTES }), probe: brotliProbe }],
  ["zstd", { create: () => createZstdDecompress({ chunkSize: PIECE_BYTES }), probe: zstdProbe }],
]);

/** The way to decode a Content-Encoding; undefined for one that we cannot read. */
export function decoderOf(contentEncoding: string): Decode | undefined {
  const coding = codings.get(contentEncoding.toLowerCase());
  return coding && (() => new Decoder(coding));
}

/** A coder that never gives out more than an honest body would, and knows a body that broke off from one that ended. */
class Decoder implements BodyStep {
  readonly #coder: Coder;
  readonly #probe: Probe | undefined;
  #isEnding = false;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor({ create, probe }: Coding) {
    this.#coder = new Coder(create());
    this.#probe = probe;
  }

  push(chunk: Uint8Array): void {
    this.#bytesIn += chunk.byteLength;
    this.#coder.push(chunk);
  }

  /** Whatever can be decoded by now is out already. */
  flush(): void {}

  end(): void {
    this.#isEnding = true;
  }

  async next(): Promise<Uint8Array | undefined> {
    const piece = await this.#decode();
    if (!piece && this.#isEnding) await this.#finish();
    this.#bytesOut += piece?.byteLength ?? 0;
    if (this.#bytesOut > FREE_BYTES && this.#bytesOut > LARGEST_RATIO * this.#bytesIn) {
      throw broken(`it grows to more than ${LARGEST_RATIO} times its size`);
    }
    return piece;
  }

  close(): void {
    this.#coder.close();
  }

  /** All that came is decoded: was it all that there is? */
  async #finish(): Promise<void> {
    this.#isEnding = false;
    if (this.#probe && !(await this.#answers(this.#probe))) throw broken("it breaks off");
    this.#coder.end();
    if (await this.#decode()) throw broken("it breaks off");
  }

  async #answers({ bytes, answer, leastBytes }: Probe): Promise<boolean> {
    if (this.#bytesIn < leastBytes) return false;
    this.#coder.push(bytes);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let piece = await this.#decode(); piece; piece = await this.#decode()) {
      pieces.push(piece);
      length += piece.byteLength;
      if (length > answer.byteLength) return false;
    }
    return joinBytes(pieces).every((byte, at) => byte === answer[at]) && length === answer.byteLength;
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
