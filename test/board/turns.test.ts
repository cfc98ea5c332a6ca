import assert from "node:assert/strict";
import { test } from "node:test";

import { createBoard, openBoard } from "../../src/board/board.ts";

test("Turns count up by one, for every thread's hand on the board together", () => {
  const buffer = createBoard({ capacity: 4, workers: 2 });
  const [first, second] = [openBoard(buffer, 0), openBoard(buffer, 1)];
  assert.deepEqual([first.nextTurn(1), second.nextTurn(1), first.nextTurn(1)], [0, 1, 2]);
  assert.equal(first.nextTurn(2), 0);
});

test("A report of load remembers how many were in flight when it came", () => {
  const board = openBoard(createBoard({ capacity: 4, workers: 1 }), 0);
  assert.equal(board.reportedInflight(0), 0);
  board.begin(0);
  board.begin(0);
  board.reportLoad(0, 0.5, 1_000_000);
  board.end(0);
  assert.equal(board.reportedInflight(0), 2);
});
