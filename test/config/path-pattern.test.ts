import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPathPattern } from "../../src/config/path-pattern.ts";

describe("a path pattern", () => {
  for (const text of [
    "/",
    "/*",
    "/a/*",
    "/users/:id",
    "/v/:n{[0-9]+}",
    "/things:batch",
    "/:id{[0-9]+}/*",
    "/:id{[0-9]+}/a.b/c+d",
    "/:id{a/b}/c",
    "/:id{[0-9]{2,3}}",
    "/a/:b?",
    "/a.b/~c",
    "/caf%C3%A9",
    "/@fs/*",
    "/a(b)[0]/*.json",
  ]) {
    test(`may be ${text}`, () => assert.ok(isPathPattern(text)));
  }
  for (const text of [
    "/caf\u00e9",
    "/%61dmin",
    "/%40fs",
    "/a%2Fb",
    "/a//b",
    "//a",
    "/a/../b",
    "/a/./b",
    "/a\\b",
    "/a%00",
  ]) {
    test(`may not be ${JSON.stringify(text)}, which no canonical path matches`, () =>
      assert.ok(!isPathPattern(text)));
  }
  for (const text of ["/v:n{[0-9]+}", "/:a{x}.json", "/:a-:b", "/:id{[0-9]+}/a+b", "/:id{[0-9]+}/a*"]) {
    test(`may not be ${JSON.stringify(text)}, which Hono would never match as it reads`, () =>
      assert.ok(!isPathPattern(text)));
  }
  for (const text of ["", "a", "*", "/a b", "/a?b=c", "/a#b", "/:id{[0-9}", "/:id{(}", "http://a/b"]) {
    test(`may not be ${JSON.stringify(text)}`, () => assert.ok(!isPathPattern(text)));
  }
});
