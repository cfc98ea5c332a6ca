import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { memoise } from "../../src/http/memoise.ts";

function counting(capacity: number) {
  let computed = 0;
  const shout = memoise(capacity, (text) => {
    computed++;
    return text.toUpperCase();
  });
  return { shout, count: () => computed };
}

describe("memoise", () => {
  test("computes a text once", () => {
    const { shout, count } = counting(2);
    assert.deepEqual([shout("a"), shout("a"), shout("b"), shout("a")], ["A", "A", "B", "A"]);
    assert.equal(count(), 2);
  });

  test("forgets when it is full, and goes on", () => {
    const { shout, count } = counting(2);
    assert.deepEqual(["a", "b", "c", "a"].map(shout), ["A", "B", "C", "A"]);
    assert.equal(count(), 4);
  });

  test("does not keep a long text", () => {
    const { shout, count } = counting(2);
    const long = "a".repeat(257);
    assert.equal(shout(long), shout(long));
    assert.equal(count(), 2);
  });

  test("gives what the function gives, whatever came before", () => {
    const { shout } = counting(3);
    fc.assert(
      fc.property(fc.string({ maxLength: 3 }), (text) => shout(text) === text.toUpperCase()),
      { numRuns: 300 },
    );
  });
});
