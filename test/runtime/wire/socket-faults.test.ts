import assert from "node:assert/strict";
import { test } from "node:test";

import { connectFault } from "../../../src/runtime/wire/socket-faults.ts";

/** As Bun tells of a connection that did not come about. */
function failure(code: string): Error {
  return Object.assign(new Error("Failed to connect"), { code });
}

const cases: readonly (readonly [what: string, code: string, plain: string, secure: string])[] = [
  ["reset before it was open", "ECONNRESET", "refused", "tls"],
  ["refused", "ECONNREFUSED", "refused", "refused"],
  ["to a name that nobody knows", "ENOTFOUND", "dns", "dns"],
  ["that nobody answers", "ETIMEDOUT", "connect-timeout", "connect-timeout"],
  ["with a certificate that has run out", "CERT_HAS_EXPIRED", "certificate", "certificate"],
  ["with a key for another certificate", "ERR_OSSL_X509_KEY_VALUES_MISMATCH", "tls", "tls"],
];

for (const [what, code, plain, secure] of cases)
  test(`a connection ${what} is told by its right name, with TLS and without`, () => {
    assert.equal(connectFault(failure(code), false).fault, plain);
    assert.equal(connectFault(failure(code), true).fault, secure);
  });
