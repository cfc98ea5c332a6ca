import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { addWide, clearWide, readWide } from "../../src/board/wide-counter.ts";

describe("a wide counter", () => {
  test("adds up amounts far beyond 32 bits", () => {
    const amount = fc.oneof(
      fc.nat(2000),
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.integer({ min: 0, max: 2 ** 36 }),
    );
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
        const words = new Int32Array(new SharedArrayBuffer(8));
        let sum = 0;
        for (const each of amounts) {
          addWide(words, 0, each);
          sum += each;
          assert.equal(readWide(words, 0), sum);
        }
      }),
    );
  });

  test("is right at every step over 2^31 and 2^32", () => {
    for (const edge of [2 ** 31, 2 ** 32, 3 * 2 ** 31]) {
      const words = new Int32Array(new SharedArrayBuffer(8));
      addWide(words, 0, edge - 2);
      for (let more = 1; more <= 4; more++) {
        addWide(words, 0, 1);
        assert.equal(readWide(words, 0), edge - 2 + more);
      }
    }
  });

  test("is read whole while a carry is on its way", () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    addWide(words, 0, 2 ** 31 - 1);
    Atomics.add(words, 0, 1); // the first half of adding 1; its carry is not there yet
    assert.equal(readWide(words, 0), 2 ** 31);
    addWide(words, 0, 5);
    assert.equal(readWide(words, 0), 2 ** 31 + 5);
    Atomics.add(words, 1, 1);
    assert.equal(readWide(words, 0), 2 ** 31 + 5);
  });

  test("stays right when a carry never comes, because its worker died", () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    addWide(words, 0, 2 ** 31 - 1);
    Atomics.add(words, 0, 1);
    addWide(words, 0, 2 ** 33);
    assert.equal(readWide(words, 0), 2 ** 31 + 2 ** 33);
  });

  test("starts anew after it was cleared", () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    addWide(words, 0, 2 ** 40);
    clearWide(words, 0);
    assert.equal(readWide(words, 0), 0);
  });
});
