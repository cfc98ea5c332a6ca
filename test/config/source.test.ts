import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSource } from "../../src/config/source.ts";

test("a source is a kind with a name, or a kind alone", () => {
  assert.deepEqual(parseSource("client-ip"), { kind: "client-ip", name: "" });
  assert.deepEqual(parseSource("header:x-a"), { kind: "header", name: "x-a" });
  assert.deepEqual(parseSource("query:a:b"), { kind: "query", name: "a:b" });
});
