import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseServerUrl } from "../../src/config/server-url.ts";

describe("a server's URL", () => {
  test("has an authority with the scheme's own port", () => {
    assert.deepEqual(parseServerUrl("http://a.example"), {
      url: "http://a.example",
      authority: "a.example:80",
    });
    assert.deepEqual(parseServerUrl("https://a.example/"), {
      url: "https://a.example",
      authority: "a.example:443",
    });
    assert.deepEqual(parseServerUrl("http://[::1]:90"), { url: "http://[::1]:90", authority: "[::1]:90" });
  });
  test("keeps user and password out of the URL", () => {
    const { url, authority, authorization } = parseServerUrl("http://us%20er:p%C3%A4ss@a.example:81")!;
    assert.equal(url, "http://a.example:81");
    assert.equal(authority, "a.example:81");
    assert.equal(authorization, `Basic ${Buffer.from("us er:päss").toString("base64")}`);
  });
  const wrong = [
    "",
    "a:80",
    "ftp://a",
    "http://",
    "http://a/b",
    "http://a?x",
    "http://a#x",
    "http://a:0",
    "http://a:x",
    "http://a b",
    "unix:/x",
  ];
  for (const text of wrong) {
    test(`is not ${JSON.stringify(text)}`, () => assert.equal(parseServerUrl(text), undefined));
  }
});
