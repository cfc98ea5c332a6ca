import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { readAnswer, writeQuery } from "../../../src/control/dns/message.ts";

const question = { id: 0x1234, name: "app.test", type: "A" } as const;

/** An answer to the question, with these bytes after it. */
function answerWith(rest: Uint8Array, answers: number): Uint8Array {
  const bytes = Uint8Array.from([...writeQuery(question), ...rest]);
  new DataView(bytes.buffer).setUint16(2, 0x8180);
  new DataView(bytes.buffer).setUint16(6, answers);
  return bytes;
}

describe("a message", () => {
  test("asks as RFC 1035 has it", () => {
    const hex = Buffer.from(writeQuery({ ...question, name: "a.test." })).toString("hex");
    const parts = ["123401000001000000000000", "0161", "0474657374", "00", "0001", "0001"];
    assert.equal(hex, parts.join(""));
  });

  for (const name of [
    "",
    ".",
    "a..b",
    `${"a".repeat(64)}.test`,
    Array.from({ length: 130 }, () => "a").join("."),
  ])
    test(`does not ask for "${name.slice(0, 20)}", which is no name`, () => {
      assert.throws(() => writeQuery({ ...question, name }), RangeError);
    });

  test("of any bytes at all is an answer, none, or refused: it is never read beyond its end, nor without an end", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 0, max: 65_535 }))
        .map(([rest, answers]) => answerWith(rest, answers)),
    );
    fc.assert(
      fc.property(bytes, (message) => {
        try {
          const answer = readAnswer(message, question);
          assert.ok(answer === undefined || answer.records.length <= message.length / 11);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("gives a negative time to live as none (RFC 2181)", () => {
    const record = Uint8Array.from([0xc0, 12, 0, 1, 0, 1, 0x80, 0, 0, 1, 0, 4, 10, 0, 0, 1]);
    const answer = readAnswer(answerWith(record, 1), question);
    assert.deepEqual(answer?.records, [{ type: "A", address: "10.0.0.1", ttlSeconds: 0 }]);
  });

  test("with odd characters in a name keeps them from making another name of it", () => {
    const target = [5, ...Buffer.from("a.b/c"), 0];
    const data = [0, 1, 0, 1, 0x1f, 0x90, ...target];
    const record = Uint8Array.from([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, data.length, ...data]);
    const asked = { ...question, type: "SRV" } as const;
    const bytes = answerWith(record, 1);
    new DataView(bytes.buffer).setUint16(writeQuery(question).length - 4, 33);
    const [service] = readAnswer(bytes, asked)?.records ?? [];
    assert.deepEqual(service && "target" in service && service.target, "a\\046b\\047c");
  });
});
