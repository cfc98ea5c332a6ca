import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPattern, parsePattern } from "../../src/config/pattern.ts";

describe("a pattern", () => {
  test("is a regular expression between slashes, and a text otherwise", () => {
    assert.deepEqual(parsePattern("/un\\s+ion/i"), /un\s+ion/i);
    assert.match("a\nb", parsePattern("/a\nb/") as RegExp);
    for (const text of ["foo", "", "/", "//", "/foo", "*"]) assert.equal(parsePattern(text), text);
  });
  test("is refused where it does not compile", () => {
    for (const text of ["/(/", "/a/x", "/a/gg", "/[z-a]/"]) assert.ok(!isPattern(text), text);
  });
});
