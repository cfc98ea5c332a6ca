import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { didYouMean, editDistance } from "../../src/config/did-you-mean.ts";

describe("did you mean", () => {
  test("names the nearest known name, and none that is far", () => {
    const known = ["weight", "backup", "maxConnections", "url", "name"];
    assert.equal(didYouMean("wieght", known), "weight");
    assert.equal(didYouMean("maxconnections", known), "maxConnections");
    assert.equal(didYouMean("uri", known), "url");
    assert.equal(didYouMean("colour", known), undefined);
    assert.equal(didYouMean("x".repeat(1000), known), undefined);
  });
  test("finds a known name behind any one slip of the keyboard", () => {
    const known = ["listeners", "upstreams", "routes", "compression"];
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.nat(8),
        fc.constantFrom("drop", "double", "swap"),
        (name, at, slip) => {
          const index = at % (name.length - 1);
          const [head, a, b, tail] = [
            name.slice(0, index),
            name[index]!,
            name[index + 1]!,
            name.slice(index + 2),
          ];
          const typed = head + { drop: b, double: a + a + b, swap: b + a }[slip] + tail;
          assert.equal(didYouMean(typed, known), name);
        },
      ),
      { numRuns: 200 },
    );
  });
  test("counts a distance: none to itself, the same both ways, never more than the longer text", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(editDistance(a, a), 0);
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
        assert.equal(editDistance(a, b) === 0, a === b);
      }),
      { numRuns: 200 },
    );
    assert.equal(editDistance("ab", "ba"), 1);
    assert.equal(editDistance("kitten", "sitting"), 3);
  });
});
