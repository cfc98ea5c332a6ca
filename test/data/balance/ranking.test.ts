import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { policies, type PolicyName } from "../../../src/data/balance/policies.ts";
import { Ranking } from "../../../src/data/balance/ranking.ts";
import { type ModelServer, ModelServers, seededTools, tally } from "./model-servers.ts";

const names = Object.keys(policies) as PolicyName[];

function rank(list: ModelServer[], name: PolicyName = "round-robin", slowStartMs = 0) {
  const servers = new ModelServers(list);
  const clock = { now: 0 };
  const policy = policies[name](seededTools(9));
  return { servers, clock, ranking: new Ranking(servers, { policy, slowStartMs, now: () => clock.now }) };
}

function wholeOrder(ranking: Ranking, preferred = -1): number[] {
  const tried: number[] = [];
  for (let best = ranking.first(1, preferred); best >= 0; best = ranking.next(1, tried)) tried.push(best);
  return tried;
}

const server: fc.Arbitrary<ModelServer> = fc.record(
  {
    state: fc.constantFrom("up", "up", "up", "down", "ejected", "draining"),
    weight: fc.integer({ min: 0, max: 5 }),
    isBackup: fc.boolean(),
    maxConnections: fc.integer({ min: 0, max: 3 }),
    inflight: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: [] },
);

for (const name of names) {
  test(`a ranking by ${name} offers each available server once, primaries first`, () => {
    fc.assert(
      fc.property(fc.array(server, { minLength: 1, maxLength: 12 }), (list) => {
        const { servers, ranking } = rank(list, name);
        const isUsable = (at: number) =>
          servers.state(at) === "up" && servers.weight(at) > 0 && servers.hasRoom(at);
        const order = wholeOrder(ranking);
        const usable = list.map((_, at) => at).filter(isUsable);
        if (usable.length === 0) return;
        assert.deepEqual(
          order.toSorted((a, b) => a - b),
          usable,
        );
        const backups = order.map((at) => (servers.isBackup(at) ? 1 : 0));
        assert.deepEqual(
          backups,
          backups.toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 100 },
    );
  });
}

test("the whole order begins with the sticky server, holds each once, and takes no trial", () => {
  const { ranking } = rank(
    [{}, { isBackup: true }, {}, { state: "draining" }, { state: "ejected", trialAt: 0 }],
    "hash",
  );
  const order = ranking.order(7, 3);
  assert.deepEqual([order[0], order[3]], [3, 1]);
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  );
  assert.deepEqual(ranking.order(7, -1), order.slice(1));
  assert.equal(ranking.first(7, -1), 4);
});

describe("the sticky server", () => {
  test("comes first, whatever the policy says", () => {
    const { ranking } = rank([{}, {}, {}]);
    assert.deepEqual(
      tally(3, 10, () => ranking.first(0, 2)),
      [0, 0, 10],
    );
  });

  test("comes first while it drains, by its state or by weight 0, and nobody else gets there", () => {
    for (const drained of [{ state: "draining" } as const, { weight: 0 }]) {
      const { ranking } = rank([{}, drained, {}]);
      assert.equal(ranking.first(0, 1), 1);
      assert.deepEqual(
        tally(3, 10, () => ranking.first(0, -1)),
        [5, 0, 5],
      );
    }
  });

  test("is given up while it is down, ejected or full", () => {
    for (const out of [
      { state: "down" },
      { state: "ejected" },
      { maxConnections: 2, inflight: 2 },
    ] as const) {
      const { ranking } = rank([{}, out]);
      assert.equal(ranking.first(0, 1), 0);
    }
  });
});

test("backups serve only where no primary can", () => {
  const { servers, ranking } = rank([{ maxConnections: 1 }, { isBackup: true }]);
  assert.equal(ranking.first(0, -1), 0);
  servers.list[0]!.inflight = 1;
  assert.equal(ranking.first(0, -1), 1);
});

test("a change counts from the next request on", () => {
  const { servers, ranking } = rank([{}, {}]);
  assert.deepEqual(
    tally(2, 4, () => ranking.first(0, -1)),
    [2, 2],
  );
  servers.list[0]!.state = "down";
  servers.touch();
  assert.deepEqual(
    tally(2, 4, () => ranking.first(0, -1)),
    [0, 4],
  );
});

test("where all are unhealthy the least recently failed come first", () => {
  const { ranking } = rank([
    { state: "down", failedAt: 3000 },
    { state: "ejected", failedAt: 10 },
    { state: "down", failedAt: 200 },
  ]);
  assert.deepEqual(wholeOrder(ranking), [1, 2, 0]);
});

test("there is no panic where a server is drained or merely full: the answer is nobody", () => {
  for (const other of [{ state: "draining" }, { weight: 0 }, { maxConnections: 1, inflight: 1 }] as const) {
    const { ranking } = rank([{ state: "down" }, other]);
    assert.deepEqual(wholeOrder(ranking), []);
  }
});

test("an ejected server gets one request when its time is over, and then none until it is decided", () => {
  const { ranking, clock } = rank([{}, { state: "ejected", trialAt: 1000 }]);
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [10, 0],
  );
  clock.now = 1000;
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [9, 1],
  );
});

test("several servers are tried each in its own time", () => {
  const { ranking, clock } = rank([
    {},
    { state: "ejected", trialAt: 1000 },
    { state: "ejected", trialAt: 2000 },
  ]);
  clock.now = 1500;
  assert.deepEqual(
    tally(3, 10, () => ranking.first(0, -1)),
    [9, 1, 0],
  );
  clock.now = 2500;
  assert.deepEqual(
    tally(3, 10, () => ranking.first(0, -1)),
    [9, 0, 1],
  );
});

test("a drained server that is ejected gets no trial", () => {
  const { ranking } = rank([{}, { state: "ejected", trialAt: 0, weight: 0 }]);
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [10, 0],
  );
});

test("a server that came up gets its share step by step", () => {
  const { ranking, clock } = rank([{}, { upSinceAt: 0 }], "round-robin", 10_000);
  const shareAt = (now: number): number => {
    clock.now = now;
    return tally(2, 6400, () => ranking.first(0, -1))[1]! / 6400;
  };
  assert.ok(Math.abs(shareAt(0) - 0.1 / 1.1) < 0.01);
  assert.ok(Math.abs(shareAt(5000) - 0.5 / 1.5) < 0.01);
  assert.equal(shareAt(10_000), 0.5);
});
