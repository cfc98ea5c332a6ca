import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createBoard, openBoard } from "../../src/board/board.ts";
import { KeyedHash } from "../../src/board/keyed-hash.ts";
import { RateLaw } from "../../src/board/rates.ts";
import type { SharedUse } from "../../src/board/shared-rates.ts";

const startMs = Date.UTC(2026, 0, 1);

const law = new RateLaw(7, { burst: 100, count: 100, perMs: 1000 });

function open(clients = 1024) {
  return openBoard(createBoard({ capacity: 1, workers: 1, clients }, [1, 2]), 0);
}

function keyOf(name: string): KeyedHash {
  return new KeyedHash([3, 4]).text(law.scope, name);
}

function passes(
  board: ReturnType<typeof open>,
  tries: number,
  at: { nowMs?: number; key?: string } = {},
): number {
  const { nowMs = startMs, key = "a" } = at;
  let passed = 0;
  for (let n = 0; n < tries; n++) if (board.takeShared(law, keyOf(key), nowMs) > 0) passed++;
  return passed;
}

function useOf(board: ReturnType<typeof open>): SharedUse {
  const [use] = board.sharedUses();
  assert.ok(use);
  return use;
}

describe("a shared rate", () => {
  test("is the whole law where nothing is shared", () => {
    const board = open();
    assert.equal(passes(board, 300), 100);
    assert.equal(passes(board, 300, { nowMs: startMs + 500 }), 50);
  });

  test("lets this node's part through, at once and over time", () => {
    const board = open();
    board.shareRates(0.25);
    assert.equal(passes(board, 300), 25);
    assert.equal(passes(board, 300, { nowMs: startMs + 1000 }), 25);
    assert.ok(passes(board, 300, { nowMs: startMs + 1400 }) <= 10);
  });

  test("counts what was asked and what passed, by key", () => {
    const board = open();
    passes(board, 130);
    passes(board, 3, { key: "b" });
    const uses = board.sharedUses().map(({ asked, passed, scope }) => ({ asked, passed, scope }));
    assert.deepEqual(
      uses.toSorted((a, b) => a.asked - b.asked),
      [
        { asked: 3, passed: 3, scope: 7 },
        { asked: 130, passed: 100, scope: 7 },
      ],
    );
  });

  test("names a key alike on every node that hashes with the same seed", () => {
    const [one, other] = [open(), open(64)];
    for (const board of [one, other]) passes(board, 1);
    assert.equal(useOf(one).id, useOf(other).id);
  });

  test("follows a lease: its level at once, its part from then on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 }), (percent, level) => {
        const board = open();
        passes(board, 1);
        const part = percent / 100;
        const held = Math.min(level, part * 100);
        board.leaseShared(useOf(board), { law, part, level: held }, startMs);
        assert.ok(Math.abs(passes(board, 300) - Math.floor(held + 0.01)) <= 1);
        const later = passes(board, 300, { nowMs: startMs + 400 });
        assert.ok(
          Math.abs(later - Math.min(part * 40 + held - Math.floor(held), part * 100)) <= 1.01,
          `${later}`,
        );
      }),
    );
  });

  test("makes who passed too much wait until that is paid", () => {
    const board = open();
    passes(board, 1);
    board.leaseShared(useOf(board), { law, part: 0.5, level: -25 }, startMs);
    assert.equal(passes(board, 10, { nowMs: startMs + 490 }), 0);
    assert.equal(passes(board, 10, { nowMs: startMs + 530 }), 1);
  });

  test("tells how long to wait, and no longer", () => {
    const board = open();
    board.shareRates(0.1);
    passes(board, 10);
    const waitMs = -board.takeShared(law, keyOf("a"), startMs) / 1000;
    assert.ok(waitMs > 90 && waitMs <= 101, `${waitMs}`);
    assert.equal(passes(board, 1, { nowMs: startMs + Math.ceil(waitMs) }), 1);
  });

  test("lets one through now and then even by the smallest part of a burst of one", () => {
    const board = open();
    const slow = new RateLaw(8, { burst: 1, count: 1, perMs: 1000 });
    board.shareRates(0.25);
    assert.ok(board.takeShared(slow, keyOf("a"), startMs) > 0);
    assert.ok(board.takeShared(slow, keyOf("a"), startMs + 3900) < 0);
    assert.ok(board.takeShared(slow, keyOf("a"), startMs + 4000) > 0);
  });

  test("gives back what another limit refused", () => {
    const board = open();
    passes(board, 100);
    board.giveBackShared(law, keyOf("a"));
    assert.equal(passes(board, 5), 1);
    assert.equal(useOf(board).passed, 100);
  });

  test("forgets a key that owes nothing, and no other", () => {
    const board = open();
    passes(board, 10);
    assert.equal(board.forgetShared(useOf(board), startMs + 99), false);
    const seen = useOf(board);
    passes(board, 1, { nowMs: startMs + 200 });
    assert.equal(board.forgetShared(seen, startMs + 1000), false);
    assert.equal(board.forgetShared(useOf(board), startMs + 1000), true);
    assert.deepEqual(board.sharedUses(), []);
  });

  test("keeps more keys than there is room for to this node's part", () => {
    const board = open(64);
    board.shareRates(0.5);
    const names = Array.from({ length: 200 }, (_, n) => `key ${n}`);
    assert.ok(names.every((name) => passes(board, 80, { key: name }) <= 50));
    assert.equal(board.sharedUses().length, 8);
  });

  test("is not stopped for ever by a clock that was set back", () => {
    const board = open();
    passes(board, 300);
    assert.equal(passes(board, 300, { nowMs: startMs - 3_600_000 }), 100);
  });
});
