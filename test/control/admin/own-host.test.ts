import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { findForeignHost } from "../../../src/control/admin/own-host.ts";

function find(fields: Record<string, string>, bind = "127.0.0.1"): string | undefined {
  return findForeignHost(new Headers(fields), bind);
}

describe("own host", () => {
  for (const host of ["127.0.0.1:9900", "localhost:1234", "LOCALHOST", "[::1]:9900", "10.1.2.3:9900"]) {
    test(`the admin answers to ${host}`, () => assert.equal(find({ host }), undefined));
  }

  for (const host of [
    "evil.example",
    "evil.example:9900",
    "127.0.0.1.evil.example",
    "",
    "a@127.0.0.1",
    "[::1",
  ]) {
    test(`the admin does not answer to "${host}"`, () => assert.match(find({ host }) ?? "", /Host/));
  }

  test("the name that it is bound to is its own", () => {
    assert.equal(find({ host: "admin.internal:9900" }, "admin.internal"), undefined);
  });

  test("a page of another origin is refused, the admin's own is not", () => {
    const host = "localhost:9900";
    assert.match(find({ host, origin: "http://evil.example" }) ?? "", /Origin/);
    assert.match(find({ host, origin: "null" }) ?? "", /Origin/);
    assert.match(find({ host, origin: "http://localhost:8080" }) ?? "", /Origin/);
    assert.equal(find({ host, origin: "http://localhost:9900" }), undefined);
  });
});
