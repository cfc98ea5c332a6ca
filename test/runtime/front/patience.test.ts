import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idleTicksOf, isOverdue, isStalled } from "../../../src/runtime/front/patience.ts";
import type { Waiting } from "../../../src/runtime/front/patience.ts";

const quiet: Waiting = {
  isIdle: true,
  isFlushing: false,
  movedAt: 1000,
  takenAt: 1000,
  outlet: { isEmpty: true },
  headSince: 0,
  endSince: 0,
};
const busy: Waiting = { ...quiet, isIdle: false };

describe("a connection's time is over", () => {
  const cases: readonly (readonly [what: string, connection: Waiting, after: number | undefined])[] = [
    ["when it was quiet for the listener's idleTimeout", quiet, 300],
    [
      "when its first or next head drips for 10 s, however lately it moved",
      { ...quiet, movedAt: 1039, headSince: 1000 },
      40,
    ],
    ["never while an exchange is under way: that has deadlines of its own", busy, undefined],
    ["never while a slow reader is watched by its exchange", { ...busy, takenAt: 1 }, undefined],
    ["when an answer that is over was not taken for idleTimeout", { ...busy, isFlushing: true }, 300],
    ["though its client drips further requests meanwhile", { ...busy, isFlushing: true, movedAt: 1299 }, 300],
    [
      "five seconds after our goodbye, whatever it still sends",
      { ...quiet, movedAt: 1019, endSince: 1000 },
      20,
    ],
  ];
  for (const [what, connection, after] of cases) {
    test(what, () => {
      const at = (tick: number): boolean => isOverdue(connection, { tick, idleTicks: 300 });
      if (after === undefined) return assert.equal(at(1_000_000), false);
      assert.equal(at(1000 + after - 1), false);
      assert.equal(at(1000 + after), true);
    });
  }

  test("never for being quiet where idleTimeout is 0", () => {
    assert.equal(isOverdue(quiet, { tick: 1_000_000, idleTicks: idleTicksOf(0) }), false);
  });

  test("at the first look after an idleTimeout that is no whole number of looks", () => {
    assert.deepEqual([1, 250, 251, 75_000].map(idleTicksOf), [1, 1, 2, 300]);
  });
});

test("a client is slow when it has taken nothing for a quarter of a second of what waits for it", () => {
  const waiting: Waiting = { ...busy, outlet: { isEmpty: false } };
  const at = (connection: Waiting, tick: number): boolean => isStalled(connection, { tick, idleTicks: 300 });
  assert.deepEqual([at(waiting, 1000), at(waiting, 1001), at(busy, 2000)], [false, true, false]);
});
