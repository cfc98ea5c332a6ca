import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { peekBody } from "../../../../src/data/transform/request/peek-body.ts";

const limitBytes = 1_000;

/** A body in these pieces; afterwards it waits for ever, unless it ends. */
function bodyOf(pieces: readonly Uint8Array[], ends = true): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[at++];
      if (piece) return controller.enqueue(piece);
      return ends ? controller.close() : new Promise<void>(() => {});
    },
  });
}

describe("a look into a body", () => {
  test("shows its beginning, decoded, and loses nothing of it", async () => {
    const body = gzipSync(Buffer.alloc(5_000, "abc"));
    const pieces = Array.from(body, (byte) => Uint8Array.of(byte));
    const peeked = await peekBody(bodyOf(pieces), "gzip", limitBytes);
    assert.ok(typeof peeked === "object");
    assert.equal(Buffer.from(peeked.start).toString(), "abc".repeat(400).slice(0, limitBytes));
    assert.deepEqual(Buffer.from(await new Response(peeked.body).arrayBuffer()), Buffer.from(body));
  });

  test("shows what there is of a body that breaks off in its coding", async () => {
    const body = gzipSync("some text").subarray(0, -6);
    const peeked = await peekBody(bodyOf([body]), "gzip", limitBytes);
    assert.ok(typeof peeked === "object");
    assert.match(Buffer.from(peeked.start).toString(), /^(some text)?$/);
  });

  test("gives up on a coding that nobody knows", async () => {
    assert.equal(await peekBody(bodyOf([]), "gzip, gzip", limitBytes), "unreadable");
  });

  test("gives up on a body that hides its text behind bytes that mean nothing", async () => {
    const head = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
    const empty = Buffer.concat(Array.from({ length: 1_000 }, () => Uint8Array.of(0, 0, 0, 0xff, 0xff)));
    assert.equal(await peekBody(bodyOf([head, empty], false), "gzip", limitBytes), "unreadable");
  });

  test("gives up on a body that it cannot decode, though a server might", async () => {
    assert.equal(await peekBody(bodyOf([deflateRawSync("evil")]), "deflate", limitBytes), "unreadable");
    assert.equal(await peekBody(bodyOf([Buffer.from("evil")]), "gzip", limitBytes), "unreadable");
  });

  test("fails where the client breaks off", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    await assert.rejects(peekBody(body, "", limitBytes), /reset/);
  });
});
