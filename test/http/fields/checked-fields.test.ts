import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CheckedFields } from "../../../src/http/fields/checked-fields.ts";
import { toHeaders } from "../../../src/http/fields/field-lines.ts";

const name = fc.constantFrom("X-A", "x-a", "Set-Cookie", "set-cookie", "b", "not one", "");
const value = fc.oneof(
  fc.constantFrom("1", " two\t", "caf\u00e9", "\n folded \r\n", "a\r\nb: c", "nul\0", "\u20ac"),
  fc.string(),
);
const edit = fc.oneof(
  fc.tuple(fc.constant("append" as const), name, value),
  fc.tuple(fc.constant("set" as const), name, value),
);

describe("the fields of an answer", () => {
  test("hold what Headers would hold after the same changes, and refuse what is no field", () => {
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const [fields, headers] = [new CheckedFields(), new Headers()];
        for (const [kind, field, text] of edits) {
          const isOne = isField(field, text);
          if (!isOne) assert.throws(() => fields[kind](field, text), /^TypeError: Cannot set /);
          else {
            fields[kind](field, text);
            headers[kind](field, text);
          }
        }
        for (const field of ["x-a", "X-A", "SET-COOKIE", "b"]) {
          assert.equal(fields.get(field), headers.get(field));
          assert.equal(fields.has(field), headers.has(field));
        }
        assert.deepEqual(fields.getSetCookie(), headers.getSetCookie());
        assert.deepEqual([...toHeaders(fields)], [...headers]);
      }),
    );
  });

  test("are deleted in any case, all of a name", () => {
    const fields = new CheckedFields({ "X-A": "1", B: "2" });
    fields.append("x-a", "3");
    fields.delete("X-a");
    assert.deepEqual([...fields], [["b", "2"]]);
  });

  test("never tell a value that they refuse", () => {
    assert.throws(
      () => new CheckedFields({ "x-key": "a secret\u0007" }),
      (error: Error) =>
        error.message.startsWith("Cannot set the field x-key: ") && !error.message.includes("secret"),
    );
  });
});

/** As RFC 9110 has them, 5.1 and 5.5. */
function isField(field: string, text: string): boolean {
  return (
    /^[\w!#$%&'*+.^`|~-]+$/.test(field) &&
    /^[\t -~\x80-\xff]*$/.test(text.replaceAll(/^[\t\n\r ]+|[\t\n\r ]+$/g, ""))
  );
}
