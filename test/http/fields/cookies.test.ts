import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cookieValue, serialiseSetCookie, withoutCookie } from "../../../src/http/fields/cookies.ts";

describe("cookieValue", () => {
  const rows: [field: string | null, value: string | undefined][] = [
    [null, undefined],
    ["", undefined],
    ["gate=1", "1"],
    ["a=0; gate=1=2; b=3", "1=2"],
    ["a=0;gate=1;b=3", "1"],
    ["gate=first; gate=second", "first"],
    ["gate=", ""],
    ["xgate=1; gatex=2; Gate=3", undefined],
    ["a=gate=1", undefined],
    ["gate", undefined],
    ['gate="1"', '"1"'],
  ];
  for (const [field, value] of rows) {
    test(`finds ${JSON.stringify(value)} in ${JSON.stringify(field)}`, () =>
      assert.equal(cookieValue(field, "gate"), value));
  }
});

describe("withoutCookie", () => {
  const rows: [field: string, rest: string][] = [
    ["gate=1", ""],
    ["a=0; gate=1; b=3", "a=0; b=3"],
    ["gate=1;a=0;gate=2", "a=0"],
    ["xgate=1; gatex=2; a=gate=1", "xgate=1; gatex=2; a=gate=1"],
    ["a=0;b=3", "a=0;b=3"],
  ];
  for (const [field, rest] of rows) {
    test(`leaves ${JSON.stringify(rest)} of ${field}`, () =>
      assert.equal(withoutCookie(field, "gate"), rest));
  }

  test("leaves no cookie of that name and every other", () => {
    const pair = fc
      .tuple(fc.constantFrom("gate", "a", "gat", "gate2"), fc.stringMatching(/^[a-z=]{0,4}$/))
      .map((parts) => parts.join("="));
    fc.assert(
      fc.property(fc.array(pair), fc.constantFrom(";", "; ", " ;"), (pairs, separator) => {
        const rest = withoutCookie(pairs.join(separator), "gate");
        assert.equal(cookieValue(rest, "gate"), undefined);
        const others = pairs.filter((text) => !text.startsWith("gate="));
        assert.deepEqual(rest.split(/ ?; ?/).filter(Boolean), others);
      }),
      { numRuns: 200 },
    );
  });
});

describe("serialiseSetCookie", () => {
  test("writes a session cookie", () => assert.equal(serialiseSetCookie("gate", "abc"), "gate=abc"));
  test("writes all attributes", () => {
    const attributes = {
      maxAgeSeconds: 60.9,
      domain: "a.example",
      path: "/",
      secure: true,
      httpOnly: true,
      sameSite: "Lax",
    } as const;
    const field = "gate=abc; Max-Age=60; Domain=a.example; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert.equal(serialiseSetCookie("gate", "abc", attributes), field);
  });
  test("refuses what would begin another field or attribute", () => {
    for (const value of ["a;b", "a\r\nb", "a b", 'a"b', "a,b", "a\\b", "\u00e9"]) {
      assert.throws(
        () => serialiseSetCookie("gate", value),
        /^Error: Cannot write a cookie: .* has a character that ends it/,
      );
    }
    assert.throws(() => serialiseSetCookie("ga te", "x"));
    assert.throws(() => serialiseSetCookie("gate", "x", { path: "/;Secure" }));
    assert.throws(() => serialiseSetCookie("gate", "x", { domain: "a\r\nb" }));
  });
});
