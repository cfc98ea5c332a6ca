import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isLoopback, parseBind } from "../../src/config/bind.ts";

describe("a bind", () => {
  const binds: Record<string, { hostname: string; port: number }> = {
    ":8080": { hostname: "", port: 8080 },
    ":0": { hostname: "", port: 0 },
    "127.0.0.1:9900": { hostname: "127.0.0.1", port: 9900 },
    "localhost:1": { hostname: "localhost", port: 1 },
    "[::1]:65535": { hostname: "::1", port: 65_535 },
  };
  for (const [text, bind] of Object.entries(binds)) {
    test(`reads ${text}`, () => assert.deepEqual(parseBind(text), bind));
  }
  for (const text of [
    "",
    "8080",
    ":",
    ":65536",
    ":-1",
    "::1:80",
    "a b:80",
    "http://a:80",
    "[]:80",
    ":80 ",
    "user@a:80",
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseBind(text), undefined));
  }
  test("is loopback where only this machine comes in", () => {
    for (const text of ["127.0.0.1:1", "127.8.0.1:1", "localhost:1", "[::1]:1"])
      assert.ok(isLoopback(parseBind(text)!));
    for (const text of [":1", "0.0.0.0:1", "[::]:1", "127.evil.example:1", "10.0.0.1:1"]) {
      assert.ok(!isLoopback(parseBind(text)!), text);
    }
  });
});
