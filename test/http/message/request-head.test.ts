import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { writeRequestHead } from "../../../src/http/message/request-head.ts";
import type { RequestHead } from "../../../src/http/message/request-head.ts";

function walk(...fields: readonly (readonly [name: string, value: string])[]): RequestHead["headers"] {
  return {
    forEach(visit) {
      for (const [name, value] of fields) visit(value, name);
    },
  };
}

const plain: RequestHead = {
  method: "GET",
  target: "/a?b=c",
  headers: walk(["accept", "*/*"], ["host", "a.test"]),
  framing: "none",
  isKept: true,
};

describe("writeRequestHead", () => {
  test("writes the host first, and nothing that nobody asked for", () => {
    assert.equal(writeRequestHead(plain), "GET /a?b=c HTTP/1.1\r\nhost: a.test\r\naccept: */*\r\n\r\n");
  });

  test("says itself how the body is framed and whether the connection is kept", () => {
    const headers = walk(
      ["host", "a.test"],
      ["content-length", "99"],
      ["transfer-encoding", "chunked"],
      ["connection", "x"],
    );
    const start = "POST /a?b=c HTTP/1.1\r\nhost: a.test\r\n";
    const write = (more: Partial<RequestHead>): string =>
      writeRequestHead({ ...plain, method: "POST", headers, ...more }).slice(start.length);
    assert.equal(write({ framing: 5 }), "content-length: 5\r\n\r\n");
    assert.equal(write({ framing: "chunked" }), "transfer-encoding: chunked\r\n\r\n");
    assert.equal(write({ framing: "none" }), "content-length: 0\r\n\r\n");
    assert.equal(write({ framing: 0, isKept: false }), "content-length: 0\r\nconnection: close\r\n\r\n");
  });

  test("announces no body for methods that have none", () => {
    for (const method of ["GET", "HEAD", "DELETE", "OPTIONS"])
      assert.doesNotMatch(writeRequestHead({ ...plain, method }), /content-length/);
  });

  const injections: readonly (readonly [what: string, Partial<RequestHead>])[] = [
    ["a method", { method: "GET / HTTP/1.1\r\nx:" }],
    ["a method with a space", { method: "GET " }],
    ["an empty method", { method: "" }],
    ["a target with a line end", { target: "/ HTTP/1.1\r\nx: y" }],
    ["a target with a bare LF", { target: "/a\nb" }],
    ["a target with a space", { target: "/a b" }],
    ["a target with a NUL", { target: "/\0" }],
    ["a target beyond ASCII", { target: "/\u00e9" }],
    ["a target without a path", { target: "a.test:80" }],
    ["an empty target", { target: "" }],
    [
      "a name with a line end",
      {
        headers: walk(["host", "a"], ["x\r\ny", "z"]),
      },
    ],
    [
      "a name with a colon",
      {
        headers: walk(["host", "a"], ["x:y", "z"]),
      },
    ],
    [
      "an empty name",
      {
        headers: walk(["host", "a"], ["", "z"]),
      },
    ],
    [
      "a value with a line end",
      {
        headers: walk(["host", "a"], ["x", "y\r\nz: 1"]),
      },
    ],
    [
      "a value with a bare LF",
      {
        headers: walk(["host", "a"], ["x", "y\nz"]),
      },
    ],
    [
      "a value with a bare CR",
      {
        headers: walk(["host", "a"], ["x", "y\rz"]),
      },
    ],
    [
      "a value with a NUL",
      {
        headers: walk(["host", "a"], ["x", "\0"]),
      },
    ],
    [
      "a value beyond a byte",
      {
        headers: walk(["host", "a"], ["x", "\u010a\u010d"]),
      },
    ],
    ["a host with a line end", { headers: walk(["host", "a\r\nx: y"]) }],
    ["no host", { headers: walk() }],
    [
      "two hosts",
      {
        headers: walk(["host", "a"], ["Host", "b"]),
      },
    ],
  ];
  for (const [what, more] of injections) {
    test(`refuses ${what}`, () => {
      assert.throws(() => writeRequestHead({ ...plain, ...more }), /^Error: Cannot send the request: /);
    });
  }

  test("writes as many lines as there are fields, whatever these say, or nothing", () => {
    const odd = fc.string({
      unit: fc.constantFrom("a", "\r", "\n", "\0", ":", " ", "\t", "\u010a", "\u00e9"),
    });
    fc.assert(
      fc.property(fc.tuple(odd, odd, odd, odd), ([method, target, name, value]) => {
        let head: string;
        try {
          head = writeRequestHead({
            ...plain,
            method,
            target: `/${target}`,
            headers: walk(["host", "h"], [name, value]),
          });
        } catch {
          return;
        }
        assert.equal(head.split(/[\r\n]+/).length, 4);
        assert.match(head, /^[!-~]+ \/[!-~]* HTTP\/1\.1\r\nhost: h\r\n/);
      }),
    );
  });
});
