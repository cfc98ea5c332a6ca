import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { LineBatch } from "../../../src/data/log/line-batch.ts";

const textOf = (batch: LineBatch): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(batch.bytes());
const line = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("x".repeat(100_000), "\u20ac".repeat(70_000)),
);

describe("a batch of lines", () => {
  test("holds every line in its order, however many and long they are, and none once it was emptied", () => {
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 5 }), { maxLength: 4 }), (rounds) => {
        const batch = new LineBatch();
        for (const lines of rounds) {
          for (const text of lines) batch.add(text);
          assert.equal(textOf(batch), lines.map((text) => `${text}\n`).join(""));
          assert.deepEqual([batch.count, batch.byteLength], [lines.length, batch.bytes().byteLength]);
          batch.empty();
          assert.deepEqual([batch.count, batch.byteLength, textOf(batch)], [0, 0, ""]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
