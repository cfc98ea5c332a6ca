import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { proxyStatus } from "../../src/http/proxy-status.ts";

describe("proxyStatus", () => {
  test("names the proxy and the error", () => {
    assert.equal(proxyStatus({ type: "connection_refused" }), "headgate; error=connection_refused");
  });
  test("adds the server's own status and details", () => {
    const value = 'headgate; error=http_request_denied; received-status=502; details="rate limit"';
    assert.equal(proxyStatus({ type: "http_request_denied", detail: "rate limit" }, 502), value);
  });
  test("cannot be made to say more by its details", () => {
    const value = proxyStatus({ type: "dns_error", detail: 'a"; next-hop="b\\\r\nX: \u00e9' });
    assert.equal(value, 'headgate; error=dns_error; details="a\\"; next-hop=\\"b\\\\??X: ?"');
  });
});
