import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LinearRegex } from "../../src/config/linear-regex.ts";
import { isPattern, parsePattern } from "../../src/config/pattern.ts";

describe("a pattern", () => {
  test("is a regular expression between slashes, and a text otherwise", () => {
    assert.ok((parsePattern("/un\\s+ion/i") as LinearRegex).test("a UN ION"));
    assert.ok((parsePattern("/a\nb/") as LinearRegex).test("a\nb"));
    for (const text of ["foo", "", "/", "//", "/foo", "*"]) assert.equal(parsePattern(text), text);
  });
  test("is refused where it does not compile", () => {
    for (const text of ["/(/", "/a/x", "/a/gg", "/[z-a]/", "/(?=a)b/", "/(a)\\1/", "/a/y", "/a/v"])
      assert.ok(!isPattern(text), text);
  });
});
