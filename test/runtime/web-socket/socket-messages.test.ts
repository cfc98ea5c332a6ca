import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { encodeFrame, Opcode, SocketFault } from "../../../src/runtime/web-socket/socket-frames.ts";
import {
  closePayload,
  isSendable,
  MessageReader,
  NO_CODE,
} from "../../../src/runtime/web-socket/socket-messages.ts";
import type { SocketSaying } from "../../../src/runtime/web-socket/socket-messages.ts";
import { heldBytes } from "../../kit/held-bytes.ts";

/** A frame as a server sends it: our own, unmasked. */
function serverFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const masked = encodeFrame(opcode, payload);
  const headBytes = masked.length - payload.length - 4;
  const head = Buffer.from(masked.subarray(0, headBytes));
  head[0] = isFinal ? 0x80 | opcode : opcode;
  head[1] = (head[1] as number) & 0x7f;
  return Buffer.concat([head, payload]);
}

function readAll(bytes: Buffer, cuts: readonly number[], maxBytes = 1_000_000): SocketSaying[] {
  const reader = new MessageReader(maxBytes);
  const said: SocketSaying[] = [];
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  for (const [at, place] of [...places, bytes.length].entries()) {
    reader.push(bytes.subarray(at === 0 ? 0 : places[at - 1], place));
    for (let saying = reader.next(); saying; saying = reader.next()) said.push(saying);
  }
  return said;
}

const message = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(125, 126, 65_535, 65_536).map((length) => "x".repeat(length)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

describe("MessageReader", () => {
  test("gives the same messages wherever the bytes were cut", () =>
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (messages, cuts) => {
          const frames = messages.map((text) =>
            serverFrame(typeof text === "string" ? Opcode.text : Opcode.binary, Buffer.from(text as string)),
          );
          const said = readAll(Buffer.concat(frames), cuts);
          const expected = messages.map((text) => ({ type: "message", message: text }));
          assert.deepEqual(said, expected);
        },
      ),
      { numRuns: 100 },
    ));

  test("joins fragments, with pings between them", () => {
    const bytes = Buffer.concat([
      serverFrame(Opcode.text, Buffer.from("a"), false),
      serverFrame(Opcode.ping, Buffer.from("?")),
      serverFrame(Opcode.continuation, Buffer.from("b")),
    ]);
    assert.deepEqual(readAll(bytes, []), [
      { type: "ping", payload: Buffer.from("?") },
      { type: "message", message: "ab" },
    ]);
  });

  test("joins fragments of any size, empty ones too, to what was cut", () =>
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (parts, cuts) => {
          const frames = parts.map((part, at) =>
            serverFrame(at === 0 ? Opcode.binary : 0, Buffer.from(part), at === parts.length - 1),
          );
          const twice = [Buffer.concat(frames), Buffer.concat(frames)];
          const message = Buffer.concat(parts);
          const said = readAll(Buffer.concat(twice), cuts, Math.max(1, message.length));
          assert.deepEqual(said, [
            { type: "message", message },
            { type: "message", message },
          ]);
        },
      ),
      { numRuns: 100 },
    ));

  test("countless empty fragments take next to no memory", () => {
    const reader = new MessageReader(1_000);
    reader.push(serverFrame(Opcode.binary, Buffer.alloc(0), false));
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => serverFrame(0, Buffer.alloc(0), false)));
    const before = heldBytes();
    for (let round = 0; round < 100; round++) {
      reader.push(Buffer.from(many));
      assert.equal(reader.next(), undefined);
    }
    assert.ok(heldBytes() - before < 8 * 1024 * 1024);
    assert.equal(reader.next(), undefined);
  });

  test("reads goodbyes with a code and without", () => {
    const payload = Buffer.from([0x03, 0xe8, 0x62, 0x79]);
    assert.deepEqual(readAll(serverFrame(Opcode.close, payload), []), [
      { type: "close", code: 1000, reason: "by" },
    ]);
    assert.deepEqual(readAll(serverFrame(Opcode.close, Buffer.alloc(0)), []), [
      { type: "close", code: 1005, reason: "" },
    ]);
  });

  test("keeps what was said for later once nobody wants more, and gives what was done wrong", () => {
    const reader = new MessageReader(1_000);
    const heard: SocketSaying[] = [];
    const [one, two] = ["1", "2"].map((text) => serverFrame(Opcode.text, Buffer.from(text)));
    reader.push(Buffer.concat([one!, two!, encodeFrame(Opcode.text, Buffer.from("masked"))]));
    const hear = (saying: SocketSaying): void => void heard.push(saying);
    const first = reader.readWhile(() => heard.length === 0, hear);
    assert.deepEqual([first, heard], [undefined, [{ type: "message", message: "1" }]]);
    assert.equal(reader.readWhile(() => true, hear)?.code, 1002);
    assert.deepEqual(heard[1], { type: "message", message: "2" });
  });

  for (const [what, bytes, code] of [
    ["a message past the bound", serverFrame(Opcode.binary, Buffer.alloc(11)), 1009],
    [
      "fragments past the bound",
      Buffer.concat([serverFrame(Opcode.binary, Buffer.alloc(9), false), serverFrame(0, Buffer.alloc(9))]),
      1009,
    ],
    ["a length that no message has", Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]), 1009],
    ["a code that must not be said", serverFrame(Opcode.close, Buffer.from([0x03, 0xee])), 1002],
    ["half a code", serverFrame(Opcode.close, Buffer.from([0x03])), 1002],
    ["a masked frame", encodeFrame(Opcode.text, Buffer.from("a")), 1002],
    [
      "a message within a message",
      Buffer.concat([serverFrame(1, Buffer.from("a"), false), serverFrame(1, Buffer.from("b"))]),
      1002,
    ],
  ] as const) {
    test(`answers ${code} to ${what}`, () =>
      assert.throws(
        () => readAll(bytes, [], 10),
        (error) => error instanceof SocketFault && error.code === code,
      ));
  }
});

test("isSendable knows the codes that may stand in a close frame", () => {
  const sendable = [999, 1000, 1003, 1004, 1005, 1006, 1014, 1015, 2999, 3000, 4999, 5000].filter(isSendable);
  assert.deepEqual(sendable, [1000, 1003, 1014, 3000, 4999]);
});

test("what a close frame says is read as it was meant", () =>
  fc.assert(
    fc.property(
      fc.constantFrom(NO_CODE, 1000, 1011, 4999),
      fc.string({ unit: "binary", maxLength: 30 }),
      (code, text) => {
        const said = { type: "close", code, reason: code === NO_CODE ? "" : text };
        const frame = serverFrame(Opcode.close, Buffer.from(closePayload(code, text)));
        assert.deepEqual(readAll(frame, []), [said]);
      },
    ),
  ));
