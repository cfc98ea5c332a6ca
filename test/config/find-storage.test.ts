import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findStorage } from "../../src/config/find-storage.ts";

const found = (text: string): string | false | undefined => findStorage(text, { DATA: "/var/data" });

describe("the storage of a configuration that is not valid", () => {
  test("is found where its line can be read", () => {
    assert.equal(found("storage: a.db\nroutes: nonsense"), "a.db");
    assert.equal(found('{ "routes": 1, "storage": "a.db" }'), "a.db");
    assert.equal(found("storage: ${DATA}/a.db\nunknown: 1"), "/var/data/a.db");
    assert.equal(found("storage: a.db\nroutes:\n  - { path: /*\nlisteners: ]"), "a.db");
  });

  test("is none where it says so", () => {
    assert.equal(found("storage: off"), false);
    assert.equal(found("storage: false"), false);
  });

  test("is not known where nothing says", () => {
    for (const text of [
      "",
      "routes: []",
      "storage: [1]",
      "storage: ${NOT_SET}/a.db",
      "\0\0\0",
      "- a\n- b",
      "just words",
    ])
      assert.equal(found(text), undefined, JSON.stringify(text));
  });
});
