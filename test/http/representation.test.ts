import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { acceptsEncoding } from "../../src/http/fields/negotiate.ts";
import { addVary, forgetBytes, hasToken } from "../../src/http/representation.ts";

describe("When a body's bytes change", () => {
  test("the fields that speak of the old ones go, and the others stay", () => {
    const headers = new Headers({
      "content-length": "5",
      "accept-ranges": "bytes",
      digest: "x",
      etag: '"a"',
      "content-type": "text/plain",
      "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    });
    forgetBytes(headers);
    assert.deepEqual([...headers.keys()], ["content-type", "etag", "last-modified"]);
    assert.equal(headers.get("etag"), 'W/"a"');
  });

  for (const etag of ['W/"a"', "not quoted"]) {
    test(`an ETag that is not strong stays as it is (${etag})`, () => {
      const headers = new Headers({ etag });
      forgetBytes(headers);
      assert.equal(headers.get("etag"), etag);
    });
  }
});

describe("addVary", () => {
  for (const [before, after] of [
    [undefined, "Accept"],
    ["Origin", "Origin, Accept"],
    ["origin, ACCEPT", "origin, ACCEPT"],
    ["*", "*"],
    ["Accept-Encoding", "Accept-Encoding, Accept"],
  ] as const) {
    test(`makes "${after}" of ${before === undefined ? "nothing" : `"${before}"`}`, () => {
      const headers = new Headers(before === undefined ? {} : { vary: before });
      addVary(headers, "Accept");
      assert.equal(headers.get("vary"), after);
    });
  }
});

test("hasToken finds whole members only, in any case", () => {
  assert.equal(hasToken("max-age=5,No-Transform", "no-transform"), true);
  assert.equal(hasToken("x-no-transform", "no-transform"), false);
  assert.equal(hasToken(null, "no-transform"), false);
});

describe("acceptsEncoding", () => {
  for (const [field, coding, isAccepted] of [
    [null, "gzip", false],
    ["", "gzip", false],
    ["gzip", "gzip", true],
    ["gzip", "x-gzip", true],
    ["x-gzip", "gzip", true],
    ["*", "br", true],
    ["br;q=0, *", "br", false],
    ["gzip;q=0", "gzip", false],
    ["deflate", "gzip", false],
  ] as const) {
    test(`"${field}" ${isAccepted ? "takes" : "does not take"} ${coding}`, () =>
      assert.equal(acceptsEncoding(field, coding), isAccepted));
  }
});
