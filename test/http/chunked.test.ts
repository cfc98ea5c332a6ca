import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChunkedDecoder } from "../../src/http/message/chunked-decoder.ts";
import { encodeChunk, lastChunk } from "../../src/http/message/chunked-encoder.ts";
import { MalformedAnswer } from "../../src/http/message/malformed-answer.ts";
import { MalformedRequest } from "../../src/http/message/received-head.ts";

interface Decoded {
  readonly body: string;
  readonly takenBytes: number;
  readonly isDone: boolean;
}

/** Decodes what comes in these pieces. */
function decode(pieces: readonly Uint8Array[]): Decoded {
  const decoder = new ChunkedDecoder(MalformedAnswer);
  const body: Uint8Array[] = [];
  let takenBytes = 0;
  for (const piece of pieces) takenBytes += decoder.push(piece, (bytes) => body.push(bytes));
  return { body: Buffer.concat(body).toString("latin1"), takenBytes, isDone: decoder.isDone };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Cuts at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.byteLength + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.byteLength].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

describe("ChunkedDecoder", () => {
  const good: readonly (readonly [what: string, text: string, body: string])[] = [
    ["an empty body", "0\r\n\r\n", ""],
    ["a chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"],
    ["several chunks", "5\r\nhello\r\n1\r\n \r\n0A\r\nwide world\r\n0\r\n\r\n", "hello wide world"],
    ["leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"],
    ["extensions", '5;a=b;c="d;e"\r\nhello\r\n0 ; x\r\n\r\n', "hello"],
    ["blanks behind a size, as old servers send them", "5  \r\nhello\r\n0  \r\n\r\n", "hello"],
    ["trailers", "5\r\nhello\r\n0\r\nX-Sum: abc\r\nEmpty:\r\n\r\n", "hello"],
    ["bytes that look like its own", "7\r\n0\r\n\r\nab\r\n0\r\n\r\n", "0\r\n\r\nab"],
  ];
  for (const [what, text, body] of good) {
    test(`reads ${what}`, () => {
      assert.deepEqual(decode([bytesOf(text)]), { body, takenBytes: text.length, isDone: true });
    });
  }

  const malformed: readonly (readonly [what: string, text: string])[] = [
    ["no size", "\r\nhello\r\n"],
    ["a size that is no number", "five\r\nhello\r\n"],
    ["a size with a prefix", "0x5\r\nhello\r\n"],
    ["a negative size", "-5\r\nhello\r\n"],
    ["a size with a sign", "+5\r\nhello\r\n"],
    ["a blank before the size", " 5\r\nhello\r\n"],
    ["a size that no number holds", "ffffffffffffffff\r\nhello\r\n"],
    ["a size that overflows to a small one", "10000000000000005\r\nhello\r\n"],
    ["a bare LF behind the size", "5\nhello\r\n"],
    ["a bare LF in an extension", "5;a\nb\r\nhello\r\n"],
    ["a bare CR in an extension", "5;a\rb\r\nhello\r\n"],
    ["a NUL in an extension", "5;\0\r\nhello\r\n"],
    ["a chunk longer than its size", "5\r\nhello!\r\n"],
    ["a bare LF behind a chunk", "5\r\nhello\n0\r\n\r\n"],
    ["a chunk without a line end", "5\r\nhello5\r\nworld\r\n"],
    ["a trailer that is no field", "0\r\nHTTP/1.1 200 OK\r\n\r\n"],
    ["a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"],
    ["a trailer with a bare LF", "0\r\nA: b\nC: d\r\n\r\n"],
    ["a bare LF at the end", "0\r\n\n"],
    ["a line without an end", "5;".padEnd(20_000, "x")],
    ["extensions without an end", `1;${"x".repeat(1000)}\r\na\r\n`.repeat(17)],
    ["trailers without an end", `0\r\n${"A: b\r\n".repeat(3000)}`],
  ];
  for (const [what, text] of malformed) {
    test(`refuses ${what}, whole and byte by byte`, () => {
      const bytes = bytesOf(text);
      assert.throws(() => decode([bytes]), MalformedAnswer);
      assert.throws(
        () =>
          decode(
            cut(
              bytes,
              Array.from(bytes, (_, at) => at),
            ),
          ),
        MalformedAnswer,
      );
    });
  }

  test("says whose body is malformed", () => {
    for (const [malformed, whose] of [
      [MalformedAnswer, "answer"],
      [MalformedRequest, "request"],
    ] as const) {
      const decoder = new ChunkedDecoder(malformed);
      assert.throws(() => decoder.push(bytesOf("zz\r\n"), () => {}), {
        name: malformed.name,
        message: `Cannot read the ${whose}: its chunks are malformed`,
      });
    }
  });

  test("takes nothing of what follows its end", () => {
    const next = "HTTP/1.1 200 OK\r\n\r\n";
    const { takenBytes, isDone } = decode([bytesOf(`0\r\n\r\n${next}`)]);
    assert.deepEqual([takenBytes, isDone], [5, true]);
  });

  test("has not ended while its last line has not come", () => {
    assert.equal(decode([bytesOf("5\r\nhello\r\n0\r\n")]).isDone, false);
    assert.equal(decode([bytesOf("5\r\nhel")]).isDone, false);
  });

  test("gives back what was encoded, in whatever pieces it comes", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    const places = fc.array(fc.nat(), { maxLength: 20 });
    fc.assert(
      fc.property(chunks, places, fc.uint8Array({ maxLength: 9 }), (all, at, behind) => {
        const coded = Buffer.concat([...all.map(encodeChunk), lastChunk]);
        const decoded = decode(cut(Buffer.concat([coded, behind]), at));
        const body = Buffer.concat(all).toString("latin1");
        assert.deepEqual(decoded, { body, takenBytes: coded.byteLength, isDone: true });
      }),
    );
  });
});

describe("encodeChunk", () => {
  test("makes no chunk of nothing, which would end the body", () => {
    assert.equal(encodeChunk(new Uint8Array()).byteLength, 0);
  });

  test("writes the size in hexadecimal digits", () => {
    const chunk = Buffer.from(encodeChunk(bytesOf("x".repeat(26)))).toString("latin1");
    assert.equal(chunk, `1a\r\n${"x".repeat(26)}\r\n`);
  });
});
