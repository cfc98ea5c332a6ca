import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refuseFields } from "../../../src/data/guard/fields.ts";

describe("refuseFields", () => {
  for (const [value, status] of [
    ["", undefined],
    ["a\tb c~", undefined],
    ["caf\u00e9 \u0080\u00ff", undefined],
    ["a\u007fb", 400],
    ["a\u0001b", 400],
    ["a\u001b[31mb", 400],
  ] as const) {
    test(`${status === undefined ? "passes" : `answers ${status} to`} ${JSON.stringify(value)}`, () =>
      assert.equal(refuseFields(new Headers({ "x-a": "a", "x-b": value, "x-c": "c" }))?.status, status));
  }
});
