import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  banEntryAt,
  counterAt,
  leasesAt,
  layoutOf,
  namedCounters,
  recentRing,
  RecentWord,
  rowAt,
  RowWord,
  secondAt,
  sharedEntryAt,
  slotAt,
  slotRing,
  tallyAt,
  TallyWord,
  SlotWord,
  bucketCount,
  workerAt,
  WorkerWord,
  waysPerBanSet,
  waysPerSharedSet,
} from "../../src/board/layout.ts";
import { durationEdges, tallyCodes } from "../../src/board/tally-codes.ts";

describe("the layout", () => {
  test("gives every region words of its own, up to the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 64 }), (capacity, workers) => {
        const layout = layoutOf(capacity, workers);
        const lastSecond = Array.from({ length: recentRing }, (_, second) =>
          secondAt(layout, capacity - 1, second),
        );
        const lastSlot = Array.from({ length: slotRing }, (_, slot) => slotAt(layout, capacity - 1, slot));
        assert.equal(counterAt(namedCounters - 1) + 2, workerAt(layout, 0));
        assert.equal(workerAt(layout, workers) + WorkerWord.words, layout.sharesAt);
        assert.ok(layout.sharesAt + (workers + 1) * capacity <= rowAt(layout, 0));
        assert.equal(rowAt(layout, capacity - 1) + RowWord.words, layout.recentAt);
        assert.equal(Math.max(...lastSecond) + RecentWord.words, layout.slotsAt);
        assert.equal(Math.max(...lastSlot) + SlotWord.buckets + bucketCount, layout.ratesAt);
        assert.equal(layout.ratesAt + layout.cellSets * 16, layout.holdsAt);
        assert.equal(layout.holdsAt + layout.cellSets * 16, leasesAt(layout, 0));
        assert.equal(leasesAt(layout, workers) + layout.leases, layout.bansAt);
        assert.ok(banEntryAt(layout, layout.banSets * waysPerBanSet) <= layout.talliesAt);
        assert.ok(tallyAt(layout, layout.tallies) <= sharedEntryAt(layout, 0));
        assert.equal(sharedEntryAt(layout, layout.sharedSets * waysPerSharedSet), layout.totalWords);
      }),
    );
  });

  test("begins every row and slot on a cache line", () => {
    for (const capacity of [1, 7, 4096]) {
      const layout = layoutOf(capacity, 3);
      for (const at of [
        rowAt(layout, 1),
        secondAt(layout, 1, 0),
        slotAt(layout, 1, 0),
        layout.ratesAt,
        layout.sharedAt,
      ])
        assert.equal(at % 16, 0);
    }
  });

  test("has room in a tally for every status and duration that is counted", () => {
    assert.ok(TallyWord.codes + 2 * tallyCodes.length <= TallyWord.buckets);
    assert.equal(TallyWord.buckets + 2 * (durationEdges.length + 1), TallyWord.words);
  });

  test("takes only a power of two of clients", () => {
    for (const clients of [0, 32, 1000, 65.5]) assert.throws(() => layoutOf(1, 1, clients), /power of two/);
  });

  test("has no counter beyond the last", () => {
    assert.throws(() => counterAt(namedCounters), /Cannot find counter 256/);
    assert.throws(() => counterAt(-1), RangeError);
  });
});
