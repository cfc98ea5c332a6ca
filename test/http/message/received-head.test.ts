import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MalformedRequest, parseReceivedHead } from "../../../src/http/message/received-head.ts";

function parse(lines: readonly string[]) {
  return parseReceivedHead(lines.map((line) => `${line}\r\n`).join(""));
}

describe("parseReceivedHead", () => {
  test("gives the request line and the fields, names in lower case, several of one name joined", () => {
    const head = parse([
      "PATCH /a?b=c HTTP/1.1",
      "Host: a.test",
      "X-A: 1",
      "empty:",
      "x-a:\t 2 \t",
      "Cookie: a=1",
      "cookie: b=2",
      "latin: \xe9\xa0",
    ]);
    assert.equal(head.method, "PATCH");
    assert.equal(head.target, "/a?b=c");
    assert.equal(head.isVersion10, false);
    assert.deepEqual(
      [...head.fields],
      [
        ["host", "a.test"],
        ["x-a", "1, 2"],
        ["empty", ""],
        ["cookie", "a=1; b=2"],
        ["latin", "\xe9\xa0"],
      ],
    );
    assert.equal(head.fields.get("X-A"), "1, 2");
    assert.equal(head.fields.has("x-b"), false);
    assert.equal(head.fields.get("x-b"), null);
  });

  test("takes HTTP/1.0, any method that is a token, and any target without blanks", () => {
    assert.equal(parse(["GET / HTTP/1.0"]).isVersion10, true);
    assert.equal(parse(["M!#$%&'*+.^_`|~-9 * HTTP/1.1"]).target, "*");
    assert.equal(parse(["GET http://a.test:1/\xff HTTP/1.1"]).target, "http://a.test:1/\xff");
  });

  test("passes over Upgrade in HTTP/1.0, and there only", () => {
    const upgrade = ["uPgrade: websocket", "Connection: upgrade", "Upgrade: h2c"];
    const names = (version: string) =>
      [...parse([`GET / ${version}`, ...upgrade]).fields].map(([name]) => name);
    assert.deepEqual(names("HTTP/1.0"), ["connection"]);
    assert.deepEqual(names("HTTP/1.1"), ["upgrade", "connection"]);
  });

  const malformed: readonly (readonly [what: string, text: string, status?: number])[] = [
    ["an empty line", "\r\n"],
    ["no version", "GET /\r\n"],
    ["a version to come", "GET / HTTP/1.2\r\n", 505],
    ["version 2", "PRI * HTTP/2.0\r\n", 505],
    ["a version in lower case", "GET / http/1.1\r\n"],
    ["two spaces", "GET  / HTTP/1.1\r\n"],
    ["a blank in the target", "GET /a b HTTP/1.1\r\n"],
    ["a tab for a space", "GET\t/ HTTP/1.1\r\n"],
    ["a blank behind the version", "GET / HTTP/1.1 \r\n"],
    ["a method that is no token", "G@T / HTTP/1.1\r\n"],
    ["a bare LF", "GET / HTTP/1.1\nHost: a\r\n"],
    ["a bare CR", "GET / HTTP/1.1\r\nA: b\rC: d\r\n"],
    ["a NUL", "GET / HTTP/1.1\r\nA: \0\r\n"],
    ["a DEL in the target", "GET /\x7f HTTP/1.1\r\n"],
    ["a folded line", "GET / HTTP/1.1\r\nA: b\r\n c\r\n"],
    ["a line that begins with a blank", "GET / HTTP/1.1\r\n A: b\r\n"],
    ["a blank before a colon", "GET / HTTP/1.1\r\nContent-Length : 5\r\n"],
    ["a line without a colon", "GET / HTTP/1.1\r\nA\r\nB: c\r\n"],
    ["a field without a name", "GET / HTTP/1.1\r\n: b\r\n"],
    ["a name beyond ASCII", "GET / HTTP/1.1\r\n\xe9: b\r\n"],
    ["a coding in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"],
    ["too many fields", `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(201)}`, 431],
  ];
  for (const [what, text, status = 400] of malformed) {
    test(`refuses ${what} with ${status}`, () => {
      assert.throws(
        () => parseReceivedHead(text),
        (error) => error instanceof MalformedRequest && error.status === status,
      );
    });
  }

  test("reads no more fields than there are whole lines, or nothing, and no line end into any", () => {
    const odd = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "\r\n", "\0", ":", " ", "\t", "\u00e9") });
    fc.assert(
      fc.property(odd, odd, (name, value) => {
        const lines = `x${name}: ${value}\r\n`;
        let fields: readonly [string, string][];
        try {
          fields = [...parseReceivedHead(`GET / HTTP/1.1\r\n${lines}`).fields];
        } catch (error) {
          assert.ok(error instanceof MalformedRequest);
          return;
        }
        assert.ok(fields.length < lines.split("\r\n").length);
        assert.equal(lines.replaceAll("\r\n", "").search(/[\r\n\0]/), -1);
        for (const [name, value] of fields) assert.match(`${name}: ${value}`, /^x?a*: [^\r\n\0]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});
