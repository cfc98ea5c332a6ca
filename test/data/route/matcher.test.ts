import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createMatcher } from "../../../src/data/route/matcher.ts";

describe("A condition's value", () => {
  test("is matched whole and exactly where it is plain", () => {
    const matches = createMatcher("a");
    assert.deepEqual(["a", "A", "ab", "", undefined].map(matches), [true, false, false, false, false]);
  });

  test("is a regular expression between slashes, the same at every call", () => {
    const matches = createMatcher("/^b+/gi");
    assert.deepEqual(["b", "Bb", "Bb", "ab", undefined].map(matches), [true, true, true, false, false]);
  });

  test("asks only for presence where it is a star", () => {
    const matches = createMatcher("*");
    assert.deepEqual(["a", "", undefined].map(matches), [true, true, false]);
  });
});
