import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MalformedAnswer } from "../../../src/http/message/malformed-answer.ts";
import { MAX_HEAD_BYTES, ResponseReader } from "../../../src/http/message/response-reader.ts";

interface Seen {
  readonly status: number | undefined;
  readonly fields: readonly string[] | undefined;
  readonly body: string;
  readonly isDone: boolean;
  readonly hasSurplus: boolean;
}

/** Reads what comes in pieces that end at these places; "malformed" where it cannot be read. */
function read(text: string, places: readonly number[] = [], method = "GET"): Seen | "malformed" {
  const reader = new ResponseReader(method);
  const body: Uint8Array[] = [];
  try {
    for (const piece of cut(Buffer.from(text, "latin1"), places)) {
      reader.push(piece);
      body.push(reader.take() ?? new Uint8Array());
    }
  } catch (error) {
    assert.ok(error instanceof MalformedAnswer, String(error));
    return "malformed";
  }
  reader.end();
  const { head, isDone, hasSurplus } = reader;
  const all = Buffer.concat(body).toString("latin1");
  return { status: head?.status, fields: head?.fields, body: all, isDone, hasSurplus };
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.byteLength + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.byteLength].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

function everyPlace(text: string): number[] {
  return Array.from(text, (_, at) => at);
}

const answers: readonly (readonly [
  what: string,
  text: string,
  seen: Partial<Seen> | "malformed",
  method?: string,
])[] = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", { body: "hello", isDone: true }],
  [
    "a body that breaks off",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    { body: "hell", isDone: false },
  ],
  ["an empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", { body: "", isDone: true }],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    { body: "hello", isDone: true },
  ],
  [
    "chunks that break off",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    { isDone: false },
  ],
  ["the connection's end", "HTTP/1.0 200 OK\r\n\r\nhello", { body: "hello", isDone: true }],
  ["a head that breaks off", "HTTP/1.1 200 OK\r\nContent-", { status: undefined, isDone: false }],
  [
    "HEAD",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    { body: "", isDone: true, hasSurplus: false },
    "HEAD",
  ],
  [
    "HEAD with a body",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    { body: "", hasSurplus: true },
    "HEAD",
  ],
  ["204 with a body", "HTTP/1.1 204 X\r\n\r\nhello", { body: "", hasSurplus: true }],
  ["304 with a body", "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello", { body: "", hasSurplus: true }],
  [
    "a second answer behind the first",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    { body: "hi", isDone: true, hasSurplus: true },
  ],
  [
    "a second answer behind chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    { body: "", isDone: true, hasSurplus: true },
  ],
  [
    "interim answers",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    { status: 200, fields: ["content-length", "2"], body: "hi", isDone: true, hasSurplus: false },
  ],
  ["too many interim answers", "HTTP/1.1 103 X\r\n\r\n".repeat(17), "malformed"],
  ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "malformed"],
  ["another protocol that never ends its head", "SSH-2.0-OpenSSH_9.6\r\n", "malformed"],
  ["bare line ends", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "malformed"],
  ["a bare line end at the beginning", "\nHTTP/1.1 200 OK\r\n\r\n", "malformed"],
  ["a head without an end", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(MAX_HEAD_BYTES)}`, "malformed"],
  ["a head that is too long", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(MAX_HEAD_BYTES)}\r\n\r\n`, "malformed"],
];

describe("ResponseReader", () => {
  for (const [what, text, seen, method] of answers) {
    test(`reads ${what}`, () => {
      const found = read(text, [], method);
      if (seen === "malformed" || found === "malformed") return assert.equal(found, seen);
      for (const [key, value] of Object.entries(seen)) assert.deepEqual(found[key as keyof Seen], value, key);
    });

    test(`reads ${what} byte by byte all the same`, () => {
      const short = text.length < 5000 ? everyPlace(text) : [1, 20, 4000, 65_000];
      assert.deepEqual(read(text, short, method), read(text, [], method));
    });
  }

  test("reads the same in whatever pieces it comes", () => {
    const texts = answers.map(([, text, , method = "GET"]) => ({ text, method }));
    const pieces = fc.constantFrom(
      "\r",
      "\n",
      "\r\n",
      "0",
      "5",
      ":",
      "a",
      "HTTP/1.1 200 OK",
      "Content-Length: 3",
      "\0",
    );
    const made = fc
      .array(pieces, { maxLength: 30 })
      .map((all) => ({ text: `HTTP/1.1 200 OK\r\n${all.join("")}`, method: "GET" }));
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...texts), made),
        fc.array(fc.nat(), { maxLength: 12 }),
        ({ text, method }, places) => {
          const whole = read(text, [], method);
          const parts = read(text, places, method);
          assert.deepEqual(parts, whole);
        },
      ),
      { numRuns: 500 },
    );
  });
});
