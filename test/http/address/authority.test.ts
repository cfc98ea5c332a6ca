import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseAuthority } from "../../../src/http/address/authority.ts";

/** Without the dotted end, since one runtime's URL refuses some of those. */
const ipV6 = fc.ipV6().filter((text) => !text.includes("."));

describe("parseAuthority", () => {
  const accepted: [text: string, host: string, port?: number][] = [
    ["example.com", "example.com"],
    ["EXAMPLE.Com:8080", "example.com", 8080],
    ["example.com.", "example.com"],
    ["example.com.:443", "example.com", 443],
    ["my_service", "my_service"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["1.example", "1.example"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1:65535", "127.0.0.1", 65_535],
    ["[::1]", "[::1]"],
    ["[2001:DB8:0::1]:80", "[2001:db8::1]", 80],
    ["[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"],
  ];
  for (const [text, host, port] of accepted) {
    test(`reads ${text}`, () => assert.deepEqual(parseAuthority(text), { host, port }));
  }

  const refused = [
    "",
    ".",
    "a..b",
    ".a",
    "a b",
    "a, b",
    "a,b",
    "u:p@evil",
    "u@evil",
    "evil/path",
    "a#b",
    "a\\b",
    "a?b",
    "a%41",
    "a:",
    "a:0",
    "a:65536",
    "a:99999",
    "a:-1",
    "a:8x",
    "a:80:80",
    ":80",
    "::1",
    "[::1",
    "[]",
    "[127.0.0.1]",
    "[::1]x",
    "256.1.1.1",
    "1.2.3",
    "0x7f.1",
    "127.1",
    "01.2.3.4",
    "1.2.3.4.5",
    "b\u00fccher.example",
    "a\r\nb",
    `${"a".repeat(64)}.example`,
    ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(60)].join("."),
  ];
  for (const text of refused) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseAuthority(text), undefined));
  }

  test("a canonical authority reads back as itself, and as a URL's host", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.ipV4(),
          ipV6.map((ip) => `[${ip}]`),
        ),
        (text) => {
          const authority = parseAuthority(text);
          assert.ok(authority);
          assert.deepEqual(parseAuthority(authority.host), authority);
          assert.equal(new URL(`http://${text}/`).hostname, new URL(`http://${authority.host}/`).hostname);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("any text is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parseAuthority(text)),
      { numRuns: 200 },
    );
  });
});
