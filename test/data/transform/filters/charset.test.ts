import assert from "node:assert/strict";
import process from "node:process";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { charsetOf } from "../../../../src/data/transform/filters/charset.ts";

const labels = [
  "utf-8",
  "latin1",
  "windows-1251",
  "windows-874",
  "iso-8859-8",
  "koi8-r",
  "utf-16le",
  "utf-16be",
];

/** Bytes of which many are text, many nearly, and some are not at all. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          "c080",
          "eda080",
          "edbfbf",
          "f08080af",
          "f4908080",
          "e28eb0",
          "f09f98",
          "efbfbd",
          "ff",
          "e2",
        )
        .map((hex) => Buffer.from(hex, "hex")),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces));

describe("a charset", () => {
  for (const label of labels) {
    test(`gives every byte of ${label} back, whatever it is cut into`, () => {
      const charset = charsetOf(label);
      assert.ok(charset);
      fc.assert(
        fc.property(anyBytes, fc.integer({ min: 1, max: 7 }), (bytes, size) => {
          const reader = charset.decoder();
          let text = "";
          for (let at = 0; at < bytes.byteLength; at += size)
            text += reader.write(bytes.subarray(at, at + size));
          const back = Buffer.concat([charset.encode(text) ?? Buffer.from("?"), reader.rest()]);
          assert.deepEqual(back, bytes);
        }),
      );
    });
  }

  test("reads what is UTF-8 among what is not as everybody does", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const reader = charsetOf("utf-8")?.decoder();
        const text = (reader?.write(bytes) ?? "") + "\u{dcff}".repeat(reader?.rest().byteLength ?? 0);
        const known = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        // Several bytes that are no text may be one mark there, and are one each here.
        const marks = /[\ufffd\udc80-\udcff]+/g;
        assert.equal(text.replaceAll(marks, "?"), known.replaceAll(marks, "?"));
      }),
    );
  });

  test("takes no time to speak of over megabytes that are no text", () => {
    const bytes = Buffer.alloc(2_000_000, Uint8Array.of(0xff, 0x61, 0xe2, 0x82, 0x41, 0xed, 0xa0, 0x80));
    for (const label of labels) {
      const charset = charsetOf(label);
      assert.ok(charset);
      const before = process.cpuUsage();
      const reader = charset.decoder();
      const back = charset.encode(reader.write(bytes));
      assert.equal((back?.byteLength ?? 0) + reader.rest().byteLength, bytes.byteLength);
      const { user } = process.cpuUsage(before);
      assert.ok(user < 1_500_000, `${label}: ${user / 1000} ms`);
    }
  });
});
