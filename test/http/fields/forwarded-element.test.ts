import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseForwarded } from "../../../src/http/fields/forwarded-element.ts";

describe("parseForwarded", () => {
  // RFC 7239, sections 4, 5.2, 6 and 7.
  const fields: [field: string, elements: Record<string, string>[]][] = [
    ['for="_gazonk"', [{ for: "_gazonk" }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: "[2001:db8:cafe::17]:4711" }]],
    ["for=192.0.2.60;proto=http;by=203.0.113.43", [{ for: "192.0.2.60", proto: "http", by: "203.0.113.43" }]],
    ["for=192.0.2.43, for=198.51.100.17", [{ for: "192.0.2.43" }, { for: "198.51.100.17" }]],
    ['for="a\\"b,c;d"', [{ for: 'a"b,c;d' }]],
    ["for=a;, ,for=b,", [{ for: "a" }, { for: "b" }]],
    ["", []],
    ["for", []],
    ["for=", []],
    ["for=a b", []],
    ['for="a', []],
    ["for=a;for=b", []],
    ["for = a", []],
    ['for="a"b', []],
  ];
  for (const [field, elements] of fields) {
    test(`reads ${JSON.stringify(field)}`, () => assert.deepEqual(parseForwarded(field), elements));
  }

  test("many blanks cost no more than their number", () => {
    const field = `for=192.0.2.1;${" ".repeat(200_000)}x`;
    const start = performance.now();
    assert.deepEqual(parseForwarded(field), []);
    assert.ok(performance.now() - start < 1_000);
  });

  test("a client's own field cannot swallow the hop that a proxy appended", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (forged) => {
        const last = parseForwarded(`${forged}, for=203.0.113.9`).at(-1);
        assert.ok(last === undefined || last.for === "203.0.113.9");
      }),
      { numRuns: 200 },
    );
  });
});
