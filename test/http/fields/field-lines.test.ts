import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { FieldLines, toHeaders } from "../../../src/http/fields/field-lines.ts";

const name = fc.constantFrom("a", "b", "x-c");
const value = fc.constantFrom("1", "two", "3, 4");
const edit = fc.oneof(
  fc.tuple(fc.constant("append" as const), name, value),
  fc.tuple(fc.constant("set" as const), name, value),
  fc.tuple(fc.constant("delete" as const), name, value),
);

describe("the fields of a request", () => {
  test("are what Headers would hold after the same changes", () => {
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const [fields, headers] = [new FieldLines(), new Headers()];
        for (const [kind, field, text] of edits) {
          fields[kind](field, text);
          headers[kind](field, text);
        }
        for (const field of ["a", "b", "x-c"]) assert.equal(fields.get(field), headers.get(field));
        assert.deepEqual([...toHeaders(fields)], [...headers]);
      }),
    );
  });

  test("of one name stay several lines, in the order in which they came", () => {
    const fields = new FieldLines();
    fields.append("via", "1.0 a");
    fields.append("host", "a.test");
    fields.append("via", "1.1 b");
    const lines: string[] = [];
    fields.forEach((text, field) => lines.push(`${field}: ${text}`));
    assert.deepEqual(lines, ["via: 1.0 a", "host: a.test", "via: 1.1 b"]);
  });

  test("are refused by the runtime where they are none", () => {
    const fields = new FieldLines();
    fields.append("a", "b\r\nc: d");
    assert.throws(() => toHeaders(fields), TypeError);
  });
});
