import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { decoderOf } from "../../../src/data/transform/decoders.ts";

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  "x-gzip": gzipSync,
  deflate: deflateSync,
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  "br of quality 1": (bytes) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
  "zstd with checksums": (bytes) =>
    zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
};

/** Bytes of several kinds: nothing, little, what shrinks, what does not, and much. */
const bodies: Readonly<Record<string, Uint8Array>> = {
  "one byte": Buffer.from("a"),
  text: Buffer.from("All that passes through is made better. ".repeat(20)),
  noise: Uint8Array.from({ length: 3000 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255),
  zeros: new Uint8Array(200_000),
};

/** Decodes a body that arrives in these chunks. */
async function decode(coding: string, chunks: readonly Uint8Array[]): Promise<Buffer> {
  const decoder = decoderOf(coding.split(" ")[0] ?? "")?.();
  assert.ok(decoder);
  const pieces: Uint8Array[] = [];
  const drain = async (): Promise<void> => {
    for (let piece = await decoder.next(); piece; piece = await decoder.next()) pieces.push(piece);
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      await drain();
    }
    decoder.end();
    await drain();
    return Buffer.concat(pieces);
  } finally {
    decoder.close();
  }
}

for (const [coding, encode] of Object.entries(encoders)) {
  describe(`A body in ${coding}`, () => {
    for (const [kind, bytes] of Object.entries(bodies)) {
      const encoded = encode(bytes);

      test(`is decoded to the same bytes, in one piece and byte by byte (${kind})`, async () => {
        assert.deepEqual(await decode(coding, [encoded]), Buffer.from(bytes));
        const single = [...encoded.subarray(0, 400)].map((byte) => Uint8Array.of(byte));
        assert.deepEqual(
          await decode(
            coding,
            [...single, encoded.subarray(400)].filter(({ length }) => length > 0),
          ),
          Buffer.from(bytes),
        );
      });

      test(`is broken wherever it breaks off (${kind})`, async () => {
        const steps = Math.max(1, Math.floor(encoded.length / 60));
        const cuts = Array.from({ length: encoded.length }, (_, at) => at).filter(
          (at) => at < 20 || at > encoded.length - 20 || at % steps === 0,
        );
        for (const cut of cuts) {
          const part = encoded.subarray(0, cut);
          await assert.rejects(
            decode(coding, cut === 0 ? [] : [part]),
            /Cannot decode the body/,
            `cut at ${cut} of ${encoded.length}`,
          );
        }
      });
    }

    test("is broken where it is something else", async () => {
      await assert.rejects(
        decode(coding, [Buffer.from("<!doctype html><p>This is not encoded at all.")]),
        /Cannot decode/,
      );
    });

    test("is a bomb where it grows beyond all measure", async () => {
      const bomb = encode(new Uint8Array(64 * 1024 * 1024));
      await assert.rejects(decode(coding, [bomb]), /grows to more than 250 times/);
    });
  });
}

test("Other codings are not read", () => {
  for (const coding of ["compress", "aws-chunked", "gzip, br", "", "constructor"])
    assert.equal(decoderOf(coding), undefined);
});
