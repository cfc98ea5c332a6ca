import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Peers } from "../../../src/control/cluster/peers.ts";
import { parseReport, type ServerReport, writeReport } from "../../../src/control/cluster/report.ts";

const intervalMs = 1_000;

function heard(node: string, servers: readonly ServerReport[], { ageMs = 0, writtenAt = "1" } = {}) {
  return { node, ageMs, writtenAt, instance: "i", report: writeReport({ intervalMs, servers }) };
}

describe("a report", () => {
  const plain = { noNullPrototype: true };
  const amount = fc.integer({ min: 0, max: 1_000_000 });
  const server = fc.record(
    {
      id: fc.string({ minLength: 1, maxLength: 16 }),
      inflight: amount,
      load: fc.record({ value: fc.integer({ min: 0, max: 100 }), ageMs: amount }, plain),
      health: fc.record(
        { state: fc.constantFrom("up" as const, "down" as const, "ejected" as const), ageMs: amount },
        plain,
      ),
    },
    { ...plain, requiredKeys: ["id", "inflight"] },
  );

  test("is read as it was written", () => {
    fc.assert(
      fc.property(fc.array(server), (servers) => {
        assert.deepEqual(parseReport(writeReport({ intervalMs, servers })), { intervalMs, servers });
      }),
    );
  });

  test("that is anything else is none", () => {
    fc.assert(fc.property(fc.json(), (text) => assert.equal(parseReport(text), undefined)));
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseReport(text), undefined)));
    for (const line of [
      '["id"]',
      '["id",1,null,0,7,0]',
      '["id",1,"0"]',
      "[1,1]",
      '["id",1e12]',
      "null",
      "{}",
    ])
      assert.equal(parseReport(`{"v":1,"intervalMs":1000,"servers":[${line}]}`), undefined, line);
  });

  test("of 5,000 busy servers takes 100 KB, and is read in some milliseconds", () => {
    const servers = Array.from({ length: 5_000 }, (_, n) => ({ id: `abcd${1000 + n}`, inflight: n % 50 }));
    const text = writeReport({ intervalMs, servers });
    assert.ok(text.length < 100_000, `${text.length}`);
    assert.equal(parseReport(text)?.servers.length, 5_000);
  });
});

describe("what another node said", () => {
  test("counts in full for two intervals, and nothing before three are over", () => {
    const peers = new Peers();
    peers.hear([heard("b", [{ id: "s", inflight: 8 }])], 0);
    const at = (nowMs: number) => peers.elsewhere(nowMs).get("s")?.inflight ?? 0;
    assert.deepEqual([at(0), at(1_999)], [8, 8]);
    assert.ok(at(2_400) > 0 && at(2_400) < 8);
    assert.equal(at(2_750), 0);
    assert.equal(peers.countAlive(2_750), 0);
  });

  test("is as old as the store said, and the same report does not grow younger by being read again", () => {
    const peers = new Peers();
    const report = heard("b", [{ id: "s", inflight: 8 }], { ageMs: 500 });
    for (let nowMs = 0; nowMs < 2_500; nowMs += 250)
      peers.hear([{ ...report, ageMs: 0 }, report].slice(nowMs === 0 ? 1 : 0), nowMs);
    assert.equal(peers.elsewhere(2_250).get("s"), undefined);
  });

  test("is not believed to count for longer than an hour's interval", () => {
    const peers = new Peers();
    const report = JSON.stringify({ v: 1, intervalMs: 2 ** 31, servers: [["s", 8]] });
    peers.hear([{ node: "evil", ageMs: 0, writtenAt: "1", instance: "i", report }], 0);
    assert.equal(peers.countAlive(3 * 3_600_000), 0);
  });

  test("adds up over nodes; of loads and findings the youngest counts", () => {
    const peers = new Peers();
    peers.hear(
      [
        heard("b", [
          { id: "s", inflight: 2, load: { value: 0.1, ageMs: 900 }, health: { state: "down", ageMs: 10 } },
        ]),
        heard("c", [
          { id: "s", inflight: 3, load: { value: 0.9, ageMs: 100 }, health: { state: "up", ageMs: 500 } },
        ]),
      ],
      0,
    );
    assert.deepEqual(peers.elsewhere(0).get("s"), {
      inflight: 5,
      load: { value: 0.9, ageMs: 100 },
      health: { state: "down", ageMs: 10 },
    });
  });

  test("that makes no sense is counted, and changes nothing", () => {
    const peers = new Peers();
    const report = "{}";
    assert.equal(peers.hear([{ node: "b", ageMs: 0, writtenAt: "1", instance: "i", report }], 0), 1);
    assert.deepEqual(peers.describe(0), []);
  });
});

/**
 * Nodes that each bring two servers level by all that they see, at every exchange: the harshest thing that
 * least-connections with short requests can do. What the nodes hold together has to come to rest.
 */
describe("nodes that react to each other", () => {
  for (const nodes of [2, 3, 5]) {
    test(`${nodes} of them come to rest`, () => {
      const total = 100;
      const ends = Array.from({ length: nodes }, () => ({ peers: new Peers(), first: total }));
      const spread: number[] = [];
      for (let turn = 1; turn <= 40; turn++) {
        const nowMs = turn * intervalMs;
        const reports = ends.map(({ first }, index) =>
          heard(
            `n${index}`,
            [
              { id: "one", inflight: first },
              { id: "two", inflight: total - first },
            ],
            { writtenAt: String(turn) },
          ),
        );
        for (const [index, end] of ends.entries()) {
          end.peers.hear(
            reports.filter((_, other) => other !== index),
            nowMs,
          );
          const elsewhere = end.peers.elsewhere(nowMs);
          const [one, two] = ["one", "two"].map((id) => elsewhere.get(id)?.inflight ?? 0);
          end.first = Math.min(total, Math.max(0, (total + (two ?? 0) - (one ?? 0)) / 2));
        }
        spread.push(Math.abs((2 * ends.reduce((sum, { first }) => sum + first, 0)) / (nodes * total) - 1));
      }
      assert.ok(
        spread.slice(-5).every((off) => off < 0.02),
        spread.map((off) => off.toFixed(2)).join(" "),
      );
    });
  }
});
