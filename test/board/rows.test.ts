import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createBoard, openBoard } from "../../src/board/board.ts";
import { createRowTable } from "../../src/board/rows.ts";

const nowMs = Date.UTC(2026, 0, 1);

function newTable(capacity = 4) {
  const board = openBoard(createBoard({ capacity, workers: 1 }), "control");
  return { board, table: createRowTable(board) };
}

describe("the row table", () => {
  test("keeps the row of a server that stays, with what it counted", () => {
    const { board, table } = newTable();
    const row = table.rowOf("app/one");
    board.recordAttempt(row, 200, nowMs);
    assert.equal(table.rowOf("app/one"), row);
    assert.equal(board.readRow(row, nowMs).requests, 1);
  });

  test("gives every key a row of its own", () => {
    const { table } = newTable();
    const rows = ["a", "b", "c", "d"].map((key) => table.rowOf(key));
    assert.equal(new Set(rows).size, 4);
    assert.deepEqual(
      [...table.entries()].map(([, row]) => row),
      rows,
    );
  });

  test("gives a freed row out again, as good as new", () => {
    const { board, table } = newTable(1);
    const row = table.rowOf("old");
    const fresh = board.readRow(row, nowMs);
    board.recordAttempt(row, 503, nowMs);
    board.recordResponseTime(row, 12, nowMs);
    board.recordFailure(row, nowMs);
    board.recordRetry(row, nowMs);
    board.addBytes(row, 1, 2);
    board.reportLoad(row, 0.5, nowMs);
    board.setState(row, "ejected");
    board.setWeight(row, 7);
    board.setUpAt(row, nowMs);
    board.offerTrial(row, nowMs);
    assert.notDeepEqual(board.readRow(row, nowMs), fresh);

    table.free("old");
    assert.equal(table.find("old"), undefined);
    assert.equal(table.rowOf("new"), row);
    assert.deepEqual(board.readRow(row, nowMs), fresh);
    assert.deepEqual(board.recent(row, 60, nowMs), { requests: 0, failures: 0, retries: 0 });
    assert.equal(board.sinceFailureMs(row, nowMs), Infinity);
    assert.equal(board.sinceUpMs(row, nowMs), Infinity);
    assert.equal(board.trialInMs(row, nowMs), Infinity);
  });

  test("says so when all rows are taken, and goes on giving those that it has", () => {
    const { table } = newTable(1);
    table.rowOf("a");
    for (let time = 0; time < 3; time++) {
      assert.throws(() => table.rowOf("b"), /Cannot give "b" a row: all 1 are taken/);
    }
    table.free("a");
    assert.equal(table.rowOf("b"), 0);
  });

  test("does not mind freeing what it does not know", () => {
    const { table } = newTable();
    table.free("nobody");
    assert.equal(table.rowOf("a"), 0);
  });
});
