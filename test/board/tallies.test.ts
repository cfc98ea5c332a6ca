import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, openBoard } from "../../src/board/board.ts";
import { tallyCodes } from "../../src/board/tally-codes.ts";

function createPair(capacity = 64) {
  const memory = createBoard({ capacity, workers: 2 });
  return [openBoard(memory, 0), openBoard(memory, 1)] as const;
}

const ended = { status: 200, durationMs: 3, bytesIn: 0, bytesOut: 10 };

describe("tallies", () => {
  test("add up what all workers count, by route, server and status", () => {
    const [a, b] = createPair();
    const place = a.tallyOf(3, 7);
    assert.equal(b.tallyOf(3, 7), place);
    a.tally(place, ended);
    b.tally(place, { ...ended, status: 404, durationMs: 100_000, bytesIn: 5 });
    a.tally(a.tallyOf(0, -1), { ...ended, status: 299 });
    const [first, second] = b.readTallies().filter(({ codes }) => codes.some((count) => count > 0));
    assert.deepEqual([first!.route, first!.row], [0, -1]);
    assert.equal(first!.codes[tallyCodes.indexOf("2xx")], 1);
    assert.deepEqual([second!.route, second!.row], [3, 7]);
    assert.equal(second!.codes[tallyCodes.indexOf("200")], 1);
    assert.equal(second!.codes[tallyCodes.indexOf("404")], 1);
    assert.deepEqual([second!.buckets[2], second!.buckets.at(-1)], [1, 1]);
    assert.deepEqual([second!.bytesIn, second!.bytesOut, second!.durationMs], [5, 20, 100_003]);
  });

  test("forget a server whose row is given to another", () => {
    const [a] = createPair();
    a.tally(a.tallyOf(1, 7), ended);
    a.tally(a.tallyOf(1, 8), ended);
    a.clearRow(7);
    const counts = a.readTallies().map(({ row, bytesOut }) => [row, bytesOut]);
    assert.deepEqual(counts, [
      [-1, 0],
      [7, 0],
      [8, 10],
    ]);
  });

  test("count under no route where there is no room left", () => {
    const [a] = createPair(1);
    const places = Array.from({ length: 10 }, (_, route) => a.tallyOf(route + 1, 0));
    assert.deepEqual(places, [1, 2, 3, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(a.readTallies().length, 4);
  });

  test("take the largest route and row apart again", () => {
    const [a] = createPair();
    a.tallyOf(16_383, 16_383);
    const { route, row } = a.readTallies().at(-1)!;
    assert.deepEqual([route, row], [16_383, 16_383]);
  });
});
