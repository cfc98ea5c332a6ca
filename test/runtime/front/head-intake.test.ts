import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MalformedRequest } from "../../../src/http/message/received-head.ts";
import { HeadIntake } from "../../../src/runtime/front/head-intake.ts";
import type { Teardown } from "../../kit/teardown.ts";

const MOST_BYTES = 60;

/** All heads that can be read so far: their targets, and the refusal of what is behind them. */
function readAll(intake: HeadIntake): string[] {
  const read: string[] = [];
  try {
    for (let head = intake.next(); head; head = intake.next()) read.push(head.target);
  } catch (error) {
    assert.ok(error instanceof MalformedRequest);
    read.push(`${error.status} ${error.message}`);
  }
  return read;
}

function readWhole(bytes: Buffer): string[] {
  const intake = new HeadIntake(MOST_BYTES);
  intake.push(bytes);
  return readAll(intake);
}

const isRefusal = (read: string | undefined): boolean => read?.includes(" ") === true;

/** Heads, and what spoils them, in any order. */
const fragment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "\r\n", "GET /b HTTP/1.0\r\n"),
  },
  { weight: 3, arbitrary: fc.constantFrom("A: b\r\n", "A: \xe4", "\r", "\r\n\r\n", "HEAD /c?d HTTP/1.1") },
  { weight: 1, arbitrary: fc.constantFrom("\n", "\0", "GET / HTTP/2.0\r\n", " ", "x".repeat(40)) },
);
const fragments = fc.array(fragment, { minLength: 1, maxLength: 8 });
const places = fc.array(fc.nat(), { maxLength: 12 });

/** Counts what is looked at and turned into texts, bytes. */
function countLooks(t: Teardown): { bytes: number } {
  const looked = { bytes: 0 };
  const { indexOf, toString } = Buffer.prototype;
  t.after(() => Object.assign(Buffer.prototype, { indexOf, toString }));
  Buffer.prototype.indexOf = function (this: Buffer, what: Buffer, from = 0) {
    looked.bytes += this.byteLength - from;
    return indexOf.call(this, what, from);
  };
  Buffer.prototype.toString = function (this: Buffer, ...range: [BufferEncoding?, number?, number?]) {
    const [, from = 0, to = this.byteLength] = range;
    looked.bytes += to - from;
    return toString.apply(this, range);
  };
  return looked;
}

describe("HeadIntake", () => {
  test("says after each piece what it says of all that came so far in one", () =>
    fc.assert(
      fc.property(fragments, places, (texts, cuts) => {
        const bytes = Buffer.from(texts.join(""), "latin1");
        const ends = [...new Set([...cuts.map((cut) => cut % bytes.byteLength), bytes.byteLength])];
        const intake = new HeadIntake(MOST_BYTES);
        const read: string[] = [];
        let from = 0;
        for (const end of ends.toSorted((a, b) => a - b)) {
          if (isRefusal(read.at(-1))) break;
          intake.push(Buffer.from(bytes.subarray(from, end)));
          read.push(...readAll(intake));
          assert.deepEqual(read, readWhole(bytes.subarray(0, end)));
          from = end;
        }
      }),
      { numRuns: 2000 },
    ));

  test("hands on what is behind a head as it came, however it came", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.uint8Array(), (body, cut, more) => {
        const bytes = Buffer.concat([Buffer.from("GET /a HTTP/1.1\r\n\r\n"), body]);
        const end = cut % bytes.byteLength;
        const intake = new HeadIntake(MOST_BYTES);
        intake.push(bytes.subarray(0, end));
        intake.push(bytes.subarray(end));
        assert.equal(intake.next()?.target, "/a");
        assert.equal(intake.unreadBytes, body.byteLength);
        const rest = intake.takeRest();
        intake.push(Buffer.from(more)); // must not be written over what was handed on
        intake.push(Buffer.from(more));
        assert.deepEqual(rest ?? Buffer.alloc(0), Buffer.from(body));
      }),
    ));

  test("looks at each byte a few times, however a head drips", (t) => {
    const head = Buffer.from(`GET / HTTP/1.1\r\nA: ${"b".repeat(8000)}\r\n\r\n`);
    const intake = new HeadIntake(16_384);
    const looked = countLooks(t);
    for (const byte of head) {
      intake.push(Buffer.of(byte));
      if (intake.next()) break;
    }
    assert.equal(intake.hasBytes, false);
    assert.ok(looked.bytes >= head.byteLength);
    assert.ok(looked.bytes < 10 * head.byteLength, `it looked at ${looked.bytes} bytes`);
  });
});
