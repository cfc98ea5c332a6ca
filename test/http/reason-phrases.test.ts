import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { reasonPhrase } from "../../src/http/reason-phrases.ts";

describe("reasonPhrase", () => {
  test("knows the registered phrases, and a word for the rest", () => {
    assert.equal(reasonPhrase(404), "Not Found");
    assert.equal(reasonPhrase(413), "Content Too Large");
    assert.equal(reasonPhrase(499), "Client Error");
    assert.equal(reasonPhrase(599), "Server Error");
    assert.equal(reasonPhrase(999), "Unknown");
  });
});
