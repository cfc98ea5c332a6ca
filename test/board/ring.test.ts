import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { claim, clearAhead } from "../../src/board/ring.ts";

function placeWith(...values: number[]): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(16));
  words.set(values);
  return words;
}

const now = { at: 0, tag: 40, words: 4 };

describe("claiming a place on the ring", () => {
  test("takes a clear place", () => {
    const words = placeWith(0, 0, 0, 0);
    claim(words, now);
    assert.deepEqual([...words], [40, 0, 0, 0]);
  });

  test("leaves a place alone that another worker claimed for the same time", () => {
    const words = placeWith(40, 5, 6, 7);
    claim(words, now);
    assert.deepEqual([...words], [40, 5, 6, 7]);
  });

  test("clears a place that still holds what the ring left behind", () => {
    const words = placeWith(8, 5, 6, 7);
    claim(words, now);
    assert.deepEqual([...words], [40, 0, 0, 0]);
  });

  test("does not wait for ever for a worker that died amid clearing", () => {
    const words = placeWith(-1, 0, 6, 7);
    claim(words, now);
    assert.deepEqual([...words], [40, 0, 0, 0]);
  });
});

describe("clearing ahead", () => {
  test("clears what was used, and marks it as clear", () => {
    const words = placeWith(8, 5, 6, 7);
    clearAhead(words, now);
    assert.deepEqual([...words], [0, 0, 0, 0]);
  });

  test("does not touch a place that a worker with a faster clock already uses", () => {
    const words = placeWith(40, 5, 6, 7);
    clearAhead(words, now);
    assert.deepEqual([...words], [40, 5, 6, 7]);
  });
});
