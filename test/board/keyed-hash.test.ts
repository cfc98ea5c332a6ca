import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { KeyedHash } from "../../src/board/keyed-hash.ts";

const seed = [0x03020100, 0x07060504] as const;

function hashed(text: string, scope = 0, key: readonly [number, number] = seed): string {
  const { a, b } = new KeyedHash(key).text(scope, text);
  return `${a >>> 0} ${b >>> 0}`;
}

describe("the keyed hash", () => {
  test("is another with another text, scope or key", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer(), (one, other, scope) => {
        if (one !== other) assert.notEqual(hashed(one), hashed(other));
        if (scope !== 0) assert.notEqual(hashed(one, scope), hashed(one));
        assert.notEqual(hashed(one, 0, [1, 2]), hashed(one));
        assert.equal(hashed(one), hashed(one));
      }),
    );
  });

  test("flips half of the bits for each bit of its input", () => {
    let flipped = 0;
    for (let n = 0; n < 1000; n++) {
      const [one, other] = [new KeyedHash(seed).words(n, 0, 0), new KeyedHash(seed).words(n ^ 1, 0, 0)];
      flipped += ones(one.a ^ other.a) + ones(one.b ^ other.b);
    }
    assert.ok(Math.abs(flipped / 64_000 - 0.5) < 0.01, `${flipped / 64_000}`);
  });
});

function ones(word: number): number {
  return (word >>> 0).toString(2).replaceAll("0", "").length;
}
