import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { readLineBatches } from "../../../src/control/kubernetes/json-lines.ts";

async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function linesOf(pieces: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of readLineBatches(piecesOf(pieces))) lines.push(...batch);
  return lines;
}

describe("lines of a stream", () => {
  test("are the same however it is cut, and what has no end is left out", async () => {
    const text = fc.array(
      fc
        .string({ unit: "grapheme", minLength: 1 })
        .filter((line) => !/[\n\r]/.test(line) && line.trim() !== ""),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(9), { minLength: 1 }), async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join("") + "cut off");
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = 1 + (cuts[turn % cuts.length] ?? 0);
          pieces.push(bytes.subarray(at, at + length));
          at += length;
        }
        assert.deepEqual(
          await linesOf(pieces),
          lines.map((line) => line.replace(/^\uFEFF/, "")),
        );
      }),
    );
  });

  test("that have no end are refused at 8 MiB, and cost no more time than their length", async () => {
    const piece = new Uint8Array(16 * 1024).fill(120);
    const beganAt = performance.now();
    await assert.rejects(linesOf(Array.from({ length: 600 }, () => piece)), /a line is longer than 8388608/);
    assert.ok(performance.now() - beganAt < 2_000);
  });
});
