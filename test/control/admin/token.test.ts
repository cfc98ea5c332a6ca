import assert from "node:assert/strict";
import { test } from "node:test";

import { bearsToken } from "../../../src/control/admin/token.ts";

test("only the very token opens the admin", () => {
  assert.equal(bearsToken("Bearer secret", "secret"), true);
  assert.equal(bearsToken("bearer secret", "secret"), true);
  for (const given of [
    null,
    "",
    "Bearer",
    "Bearer ",
    "Bearer secre",
    "Bearer secrets",
    "Basic secret",
    "secret",
  ]) {
    assert.equal(bearsToken(given, "secret"), false, String(given));
  }
});
