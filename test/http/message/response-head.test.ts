import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MalformedAnswer } from "../../../src/http/message/malformed-answer.ts";
import { parseResponseHead } from "../../../src/http/message/response-head.ts";
import type { BodyFraming } from "../../../src/http/message/response-framing.ts";

const close: BodyFraming = { kind: "close" };
const none: BodyFraming = { kind: "none" };
const chunked: BodyFraming = { kind: "chunked" };
const five: BodyFraming = { kind: "length", bytes: 5 };

function parse(lines: readonly string[], method = "GET") {
  return parseResponseHead(lines.map((line) => `${line}\r\n`).join(""), method);
}

describe("parseResponseHead", () => {
  const framings: readonly (readonly [
    what: string,
    lines: readonly string[],
    method: string,
    BodyFraming,
  ])[] = [
    ["a length", ["HTTP/1.1 200 OK", "Content-Length: 5"], "GET", five],
    ["the same length twice", ["HTTP/1.1 200 OK", "Content-Length: 5", "content-length: 5"], "GET", five],
    ["chunks", ["HTTP/1.1 200 OK", "Transfer-Encoding: Chunked"], "GET", chunked],
    ["nothing", ["HTTP/1.1 200 OK"], "GET", close],
    ["nothing, of version 1.0", ["HTTP/1.0 200 OK"], "GET", close],
    ["a length for HEAD", ["HTTP/1.1 200 OK", "Content-Length: 5"], "HEAD", none],
    ["chunks for HEAD", ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], "HEAD", none],
    ["204", ["HTTP/1.1 204 No Content"], "GET", none],
    ["204 with a length", ["HTTP/1.1 204 No Content", "Content-Length: 5"], "GET", none],
    ["304 with a length", ["HTTP/1.1 304 Not Modified", "Content-Length: 5"], "GET", none],
    ["205 with a length", ["HTTP/1.1 205 Reset Content", "Content-Length: 5"], "GET", five],
    ["an interim answer", ["HTTP/1.1 103 Early Hints"], "GET", none],
  ];
  for (const [what, lines, method, framing] of framings) {
    test(`finds the end of a body from ${what}`, () => {
      assert.deepEqual(parse(lines, method).framing, framing);
    });
  }

  const connections: readonly (readonly [kept: boolean, ...lines: string[]])[] = [
    [true, "HTTP/1.1 204 X"],
    [true, "HTTP/1.1 204 X", "Connection: keep-alive"],
    [true, "HTTP/1.1 204 X", "Connection: x-close, closer"],
    [false, "HTTP/1.1 204 X", "Connection: close"],
    [false, "HTTP/1.1 204 X", "Connection: keep-alive", "connection: x, CLOSE"],
    [false, "HTTP/1.0 204 X"],
    [true, "HTTP/1.0 204 X", "Connection: Keep-Alive"],
    [false, "HTTP/1.0 204 X", "Connection: keep-alive, close"],
    [false, "HTTP/1.1 200 X", "Connection: keep-alive"],
  ];
  for (const [kept, ...lines] of connections) {
    test(`${kept ? "keeps" : "does not keep"} the connection after ${lines.join(" · ")}`, () => {
      assert.equal(parse(lines).isKept, kept);
    });
  }

  test("keeps the fields in their order, by names in lower case", () => {
    const { status, fields } = parse([
      "HTTP/1.1 418 I'm a teapot",
      "X-MyHdr: a",
      "set-cookie: a=1",
      "Set-Cookie:b=2",
      "empty:",
      "padded: \t x y \t ",
      "Content-Length: 5",
      "content-length: 5",
      "latin: \xe9\xa0",
    ]);
    assert.equal(status, 418);
    const expected = ["x-myhdr", "a", "set-cookie", "a=1", "set-cookie", "b=2", "empty", "", "padded", "x y"];
    assert.deepEqual(fields, [...expected, "content-length", "5", "latin", "\xe9\xa0"]);
  });

  test("takes a status line without a reason, with and without its space", () => {
    assert.equal(parse(["HTTP/1.1 200"]).status, 200);
    assert.equal(parse(["HTTP/1.1 200 "]).status, 200);
  });

  const malformed: readonly (readonly [what: string, text: string])[] = [
    ["another protocol", "SSH-2.0-OpenSSH\r\n"],
    ["a version to come", "HTTP/1.2 200 OK\r\n"],
    ["version 2", "HTTP/2 200 OK\r\n"],
    ["version 0.9", "HTTP/0.9 200 OK\r\n"],
    ["a version in lower case", "http/1.1 200 OK\r\n"],
    ["no status", "HTTP/1.1 OK\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n"],
    ["a status that does not exist", "HTTP/1.1 600 OK\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n"],
    ["two spaces before the status", "HTTP/1.1  200 OK\r\n"],
    ["a tab before the status", "HTTP/1.1\t200 OK\r\n"],
    ["a status line behind a blank", " HTTP/1.1 200 OK\r\n"],
    ["an empty line first", "\r\nHTTP/1.1 200 OK\r\n"],
    ["a request", "GET / HTTP/1.1\r\n"],
    ["a space before a colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n"],
    ["a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n"],
    ["a line folded with a tab", "HTTP/1.1 200 OK\r\nA: b\r\n\tc: d\r\n"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nA b\r\n"],
    ["a line without a colon before one that has one", "HTTP/1.1 200 OK\r\nA\r\nB: c\r\n"],
    ["a field without a name", "HTTP/1.1 200 OK\r\n: b\r\n"],
    ["a name with a space", "HTTP/1.1 200 OK\r\nA b: c\r\n"],
    ["a name beyond ASCII", "HTTP/1.1 200 OK\r\n\xe9: c\r\n"],
    ["a bare LF", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n"],
    ["a bare LF behind the status line", "HTTP/1.1 200 OK\nA: b\r\n"],
    ["a bare CR", "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n"],
    ["two CRs", "HTTP/1.1 200 OK\r\r\nA: b\r\n"],
    ["a NUL in a value", "HTTP/1.1 200 OK\r\nA: b\0c\r\n"],
    ["a NUL in the reason", "HTTP/1.1 200 O\0K\r\n"],
    ["a control character", "HTTP/1.1 200 OK\r\nA: b\x0bc\r\n"],
    ["a DEL", "HTTP/1.1 200 OK\r\nA: b\x7fc\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n"],
    ["two lengths in one field", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n"],
    ["an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n"],
    ["a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n"],
    ["a length in hexadecimal digits", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n"],
    ["a length with a fraction", "HTTP/1.1 200 OK\r\nContent-Length: 5.0\r\n"],
    ["a length that overflows", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551621\r\n"],
    ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
    ["chunks and a length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"],
    [
      "a length and chunks for HEAD",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    ],
    ["a coding before the chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n"],
    [
      "a coding behind the chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
    ],
    ["chunks twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"],
    ["no coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n"],
    ["an empty coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n"],
    ["a coding like chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n"],
    ["a quoted coding", 'HTTP/1.1 200 OK\r\nTransfer-Encoding: "chunked"\r\n'],
    ["chunks in version 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"],
    ["too many fields", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(257)}`],
  ];
  for (const [what, text] of malformed) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parseResponseHead(text, what.endsWith("HEAD") ? "HEAD" : "GET"), MalformedAnswer);
    });
  }

  test("takes as many fields as are allowed", () => {
    assert.equal(parse(["HTTP/1.1 200 OK", ...Array.from({ length: 256 }, () => "A: b")]).fields.length, 512);
  });
});
