import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoard, openBoard } from "../../src/board/board.ts";

const startMs = Date.UTC(2026, 0, 1);

test("what other nodes have under way counts into how busy a server was when it reported its load", () => {
  const board = openBoard(createBoard({ capacity: 1, workers: 1 }), 0);
  board.begin(0);
  board.setInflightElsewhere(0, 4);
  board.reportLoad(0, 0.5, startMs);
  assert.equal(board.reportedInflight(0), 5);
  assert.equal(board.inflight(0), 1);
});

test("a report from elsewhere keeps its age, and the requests under way when it first became known", () => {
  const board = openBoard(createBoard({ capacity: 1, workers: 1 }), "control");
  board.setInflightElsewhere(0, 3);
  board.setLoadElsewhere(0, { value: 0.75, ageMs: 500 }, startMs);
  board.setInflightElsewhere(0, 9);
  board.setLoadElsewhere(0, { value: 0.75, ageMs: 1500 }, startMs + 1000);
  assert.equal(board.loadElsewhere(0), 0.75);
  assert.equal(board.loadElsewhereInflight(0), 3);
  assert.equal(board.loadElsewhereAgeMs(0, startMs + 1000), 1500);
});

test("a report from elsewhere can be taken back", () => {
  const board = openBoard(createBoard({ capacity: 1, workers: 1 }), "control");
  board.setLoadElsewhere(0, { value: 1, ageMs: 0 }, startMs);
  board.setLoadElsewhere(0, undefined, startMs);
  assert.ok(Number.isNaN(board.loadElsewhere(0)));
  assert.equal(board.loadElsewhereAgeMs(0, startMs), Infinity);
});
