import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import type { BodySource } from "../../../../src/runtime/client.ts";
import { KeptBody } from "../../../../src/data/forward/body/kept-body.ts";

function bodyOf(chunks: readonly Uint8Array[], limitBytes: number): KeptBody {
  const rest = [...chunks];
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = rest.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new KeptBody(source, { limitBytes, lengthBytes: Number.NaN, monotonicMs: () => 0 });
}

async function readSome(source: BodySource, count: number): Promise<number[]> {
  const bytes: number[] = [];
  for (let at = 0; at < count; at++) {
    const chunk = await source.read();
    if (!chunk) break;
    bytes.push(...chunk);
  }
  return bytes;
}

const anyChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 12 });

describe("A kept body", () => {
  test("gives every attempt the same bytes, wherever the one before it stopped", async () => {
    await fc.assert(
      fc.asyncProperty(anyChunks, fc.array(fc.nat(12), { maxLength: 4 }), async (chunks, stops) => {
        const body = bodyOf(chunks, 1000);
        const whole = chunks.flatMap((chunk) => [...chunk]);
        for (const stop of stops) {
          const some = await readSome(body.source(), stop);
          assert.deepEqual(some, whole.slice(0, some.length));
        }
        assert.deepEqual(await readSome(body.source(), Infinity), whole);
        assert.equal(body.bytes(), whole.length);
        assert.equal(body.canReplay(), true);
      }),
      { numRuns: 150 },
    );
  });

  test("can be sent again exactly as long as it is within its limit", async () => {
    await fc.assert(
      fc.asyncProperty(anyChunks, fc.nat(150), async (chunks, limitBytes) => {
        const body = bodyOf(chunks, limitBytes);
        const whole = chunks.flatMap((chunk) => [...chunk]);
        assert.deepEqual(await readSome(body.source(), Infinity), whole);
        assert.equal(body.canReplay(), whole.length <= limitBytes);
      }),
      { numRuns: 150 },
    );
  });

  test("is not read before somebody wants it, and then no further than that", async () => {
    let pulls = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulls++;
          controller.enqueue(new Uint8Array(1));
        },
      },
      { highWaterMark: 0 },
    );
    const body = new KeptBody(source, { limitBytes: 10, lengthBytes: Number.NaN, monotonicMs: () => 0 });
    const reading = body.source();
    await Promise.resolve();
    assert.equal(pulls, 0);
    await readSome(reading, 3);
    assert.equal(pulls, 3);
  });

  test("says whose turn it is, and since when", async () => {
    let now = 5;
    let give: (chunk?: Uint8Array) => void = () => {};
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          new Promise((resolve) => {
            give = (chunk) => {
              if (chunk) controller.enqueue(chunk);
              else controller.close();
              resolve();
            };
          }),
      },
      { highWaterMark: 0 },
    );
    const body = new KeptBody(source, { limitBytes: 10, lengthBytes: Number.NaN, monotonicMs: () => now });
    assert.deepEqual(body.turn(), { whose: "taker", sinceMs: 5 });
    const reader = body.source();
    now = 7;
    const first = reader.read();
    await Promise.resolve();
    assert.deepEqual(body.turn(), { whose: "sender", sinceMs: 7 });
    now = 9;
    give(new Uint8Array(1));
    await first;
    assert.deepEqual(body.turn(), { whose: "taker", sinceMs: 9 });
    const last = reader.read();
    await Promise.resolve();
    now = 11;
    give();
    await last;
    assert.deepEqual(body.turn(), { whose: "replier", sinceMs: 11 });
  });

  test("knows that it broke off", async () => {
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("gone")),
    });
    const body = new KeptBody(source, { limitBytes: 10, lengthBytes: Number.NaN, monotonicMs: () => 0 });
    assert.equal(body.isBroken(), false);
    await assert.rejects(readSome(body.source(), 1));
    assert.equal(body.isBroken(), true);
  });
});
