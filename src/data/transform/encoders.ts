import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import type { CompressionConfig } from "../../config/config.ts";
import type { BodyStep } from "./body-step.ts";
import { Coder } from "./coder.ts";

/** A content coding that we can write. */
export type Encoding = CompressionConfig["encodings"][number];

/** How hard an encoder tries. */
export type Level = CompressionConfig["level"];

/** Encodes bodies in one coding and at one level. */
export interface Encoder {
  readonly encoding: Encoding;
  /** Encodes a body that is at hand, here and now: for small ones the way to another thread would cost more. */
  whole(bytes: Uint8Array): Uint8Array;
  /** Encodes a body as it comes, on the runtime's own threads. */
  stream(): BodyStep;
}

/** Bytes that an encoder puts together before it gives a piece away. */
const PIECE_BYTES = 65_536;

/**
 * How hard each coding tries: past these, much time buys next to nothing, or a stream takes tens of megabytes. The least
 * of all levels is left out where the next one costs a quarter more and saves a quarter. See `bench/compression.ts levels`.
 */
const efforts: Readonly<Record<Encoding, Readonly<Record<Level, number>>>> = {
  gzip: { fast: 2, balanced: 4, best: 6 },
  br: { fast: 2, balanced: 5, best: 7 },
  zstd: { fast: 1, balanced: 6, best: 9 },
};

/** Encodes a body at hand in gzip by another library than zlib, with levels of its own. */
export type GzipWhole = (bytes: Uint8Array, level: number) => Uint8Array;

/** Makes the encoder of a coding at a level. */
export function createEncoder(encoding: Encoding, level: Level, gzipWhole?: GzipWhole): Encoder {
  if (encoding === "gzip") return gzipEncoder(level, gzipWhole);
  return encoding === "br" ? brotliEncoder(efforts.br[level]) : zstdEncoder(efforts.zstd[level]);
}

/** What libdeflate takes: less time than zlib at the same number, and its least level saves as much as zlib's second. */
const libdeflateEfforts: Readonly<Record<Level, number>> = { fast: 1, balanced: 4, best: 6 };

function gzipEncoder(level: Level, gzipWhole: GzipWhole | undefined): Encoder {
  const options = { level: efforts.gzip[level] };
  const wholeEffort = libdeflateEfforts[level];
  return {
    encoding: "gzip",
    whole: gzipWhole ? (bytes) => gzipWhole(bytes, wholeEffort) : (bytes) => gzipSync(bytes, options),
    stream: () => new Coder(createGzip({ ...options, chunkSize: PIECE_BYTES })),
  };
}

/** Windows of 256 KiB: every stream holds its own, and pages gain next to nothing from more. */
const BROTLI_WINDOW_BITS = 18;

function brotliEncoder(effort: number): Encoder {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: effort,
    [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
  };
  return {
    encoding: "br",
    whole: (bytes) =>
      brotliCompressSync(bytes, {
        params: { ...params, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength },
      }),
    stream: () => new Coder(createBrotliCompress({ params, chunkSize: PIECE_BYTES })),
  };
}

/** Windows of 512 KiB, for the same reason; browsers take 8 MiB at most (RFC 9659). */
const ZSTD_WINDOW_BITS = 19;

function zstdEncoder(effort: number): Encoder {
  const params = {
    [constants.ZSTD_c_compressionLevel]: effort,
    [constants.ZSTD_c_windowLog]: ZSTD_WINDOW_BITS,
  };
  const small = { [constants.ZSTD_c_compressionLevel]: effort };
  return {
    encoding: "zstd",
    whole: (bytes) => zstdCompressSync(bytes, { params: small }),
    stream: () => new Coder(createZstdCompress({ params, chunkSize: PIECE_BYTES })),
  };
}
