import assert from "node:assert/strict";
import { test } from "node:test";
import { host } from "../../src/runtime/current.ts";
import { knownFaultOf, RequestFault } from "../../src/runtime/request-fault.ts";

const cut = new AbortController();
cut.abort();

for (const [what, error, fault] of [
  ["a fault of our own", new RequestFault("dns", "Cannot connect"), "dns"],
  ["a signal", cut.signal.reason, "aborted"],
  ["somebody's error", new Error("whoever reads the body failed"), "unknown"],
  ["what is no error", "ECONNRESET", "unknown"],
] as const) {
  test(`${what} is told as ${fault}`, () => {
    assert.equal(knownFaultOf(error) ?? "unknown", fault);
    assert.equal(host.classifyError(error), fault);
  });
}
