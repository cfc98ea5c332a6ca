import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isIdempotent, isSafe, passedMethods, refuseMethod } from "../../src/http/methods.ts";

describe("refuseMethod", () => {
  test("passes what both runtimes send as it is", () => {
    for (const method of passedMethods) assert.equal(refuseMethod(method), undefined);
  });
  test("refuses TRACE and CONNECT with 405 and an Allow field", () => {
    for (const method of ["TRACE", "CONNECT"]) {
      const refusal = refuseMethod(method);
      assert.equal(refusal?.status, 405);
      assert.match(refusal.headers?.["allow"] ?? "", /^GET, HEAD, POST/);
    }
  });
  test("refuses what nobody knows, or another case, with 501", () => {
    for (const method of ["FOO", "get", "", "GET "]) assert.equal(refuseMethod(method)?.status, 501);
  });
  test("tells what may be repeated (RFC 9110, 9.2)", () => {
    assert.deepEqual(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].map(isIdempotent), [
      true,
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(["POST", "PATCH", "LOCK", "PURGE", "FOO"].map(isIdempotent), [
      false,
      false,
      false,
      false,
      false,
    ]);
    assert.deepEqual(["GET", "HEAD", "OPTIONS", "QUERY"].map(isSafe), [true, true, true, true]);
    assert.deepEqual(["PUT", "DELETE", "POST", "PATCH"].map(isSafe), [false, false, false, false]);
  });
});
