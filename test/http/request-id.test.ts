import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createRequestId, isRequestId } from "../../src/http/request-id.ts";

describe("request ids", () => {
  test("keeps harmless ids only", () => {
    for (const id of ["a", "0123-abc_DEF.~:/+=", "x".repeat(128)]) assert.ok(isRequestId(id), id);
    for (const id of ["", "a b", "a,b", "<", "a\n", "a\r\nb", "\u00e9", "x".repeat(129)])
      assert.ok(!isRequestId(id), id);
  });
  test("makes 32 digits of any chance", () => {
    assert.equal(
      createRequestId(() => 0),
      "0".repeat(32),
    );
    assert.equal(
      createRequestId(() => 1 - 2 ** -53),
      "f".repeat(32),
    );
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
          minLength: 4,
          maxLength: 4,
        }),
        (draws) => {
          let i = 0;
          const id = createRequestId(() => draws[i++ % 4]!);
          assert.match(id, /^[\da-f]{32}$/);
          assert.ok(isRequestId(id));
        },
      ),
      { numRuns: 200 },
    );
  });
});
