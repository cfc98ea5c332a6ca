import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failureOf, failureTypes, refusalOf } from "../../src/http/failures.ts";
import type { FailureType } from "../../src/http/failures.ts";
import { isIdempotent, isSafe, passedMethods, refuseMethod } from "../../src/http/methods.ts";
import { proxyStatus } from "../../src/http/proxy-status.ts";
import { reasonPhrase } from "../../src/http/reason-phrases.ts";
import { wordsOf } from "../../src/http/refusal-words.ts";

describe("failureOf", () => {
  // RFC 9209, 2.3, with the statuses that it recommends; 404 for destination_not_found is ours.
  const statuses: Record<number, FailureType[]> = {
    400: ["http_request_error"],
    403: ["http_request_denied"],
    404: ["destination_not_found"],
    500: ["proxy_internal_error", "proxy_internal_response", "proxy_configuration_error"],
    502: [
      "dns_error",
      "destination_ip_prohibited",
      "destination_ip_unroutable",
      "connection_refused",
      "connection_terminated",
      "tls_protocol_error",
      "tls_certificate_error",
      "tls_alert_received",
      "http_response_incomplete",
      "http_response_header_section_size",
      "http_response_header_size",
      "http_response_body_size",
      "http_response_trailer_section_size",
      "http_response_trailer_size",
      "http_response_transfer_coding",
      "http_response_content_coding",
      "http_upgrade_failed",
      "http_protocol_error",
      "proxy_loop_detected",
    ],
    503: ["destination_unavailable", "connection_limit_reached"],
    504: [
      "dns_timeout",
      "connection_timeout",
      "connection_read_timeout",
      "connection_write_timeout",
      "http_response_timeout",
    ],
  };
  for (const [status, types] of Object.entries(statuses)) {
    test(`answers ${status} for ${types.join(", ")}`, () => {
      for (const type of types) assert.equal(failureOf(type).status, Number(status));
    });
  }

  test("knows every type of the RFC and no other", () => {
    assert.deepEqual(failureTypes.toSorted(), Object.values(statuses).flat().toSorted());
  });

  test("retries for every method only what was never sent", () => {
    const neverSent = failureTypes.filter((type) => failureOf(type).retry === "connect");
    assert.deepEqual(neverSent, [
      "dns_timeout",
      "dns_error",
      "destination_ip_unroutable",
      "connection_refused",
      "connection_timeout",
      "tls_protocol_error",
      "tls_certificate_error",
      "tls_alert_received",
    ]);
  });

  test("never retries what the client asked wrongly, or what we decided ourselves", () => {
    const decided: FailureType[] = [
      "http_request_error",
      "http_request_denied",
      "destination_not_found",
      "proxy_internal_error",
    ];
    for (const type of decided) assert.equal(failureOf(type).retry, undefined);
  });

  test("says something to visitors about every status that we answer", () => {
    for (const status of [400, 403, 404, 405, 408, 413, 414, 421, 429, 431, 500, 501, 502, 503, 504]) {
      const { title, advice } = wordsOf(refusalOf("http_request_error", { status }));
      assert.ok(title.length > 10 && advice.length > 10);
    }
  });

  test("lets a refusal have its own status and words", () => {
    const refusal = refusalOf("http_request_denied", { status: 429 });
    assert.deepEqual(refusal, { type: "http_request_denied", status: 429 });
    assert.notEqual(wordsOf(refusal).title, wordsOf(refusalOf("http_request_denied")).title);
  });
});

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

describe("reasonPhrase", () => {
  test("knows the registered phrases, and a word for the rest", () => {
    assert.equal(reasonPhrase(404), "Not Found");
    assert.equal(reasonPhrase(413), "Content Too Large");
    assert.equal(reasonPhrase(499), "Client Error");
    assert.equal(reasonPhrase(599), "Server Error");
    assert.equal(reasonPhrase(999), "Unknown");
  });
});
