import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failureOf, failureTypes, refusalOf } from "../../src/http/failures.ts";
import type { FailureType } from "../../src/http/failures.ts";
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
