import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { joined, startNode } from "../../kit/cluster.ts";
import { eventually } from "../../kit/eventually.ts";
import { startRedis } from "../../kit/start-redis.ts";
import { createVisitor, sendAtPace } from "../../kit/traffic.ts";

const limit = { timeout: 60_000 };

const rate = 50;

const config = {
  limits: { scope: "cluster", shed: { enabled: false }, rate: [{ key: "header:x-key", rate: `${rate}/s` }] },
  routes: [{ path: "/*", respond: { body: "ok" } }],
};

/** How traffic of three times the limit is split between two nodes. */
const splits: Readonly<Record<string, (share: number, atSeconds: number) => number>> = {
  "half and half": () => 0.5,
  "nine tenths to one node": (share) => [0.9, 0.1][share] ?? 0,
  "all to one node": (share) => [1, 0][share] ?? 0,
  "all to one node, changing every two seconds": (share, at) => Number(Math.floor(at / 2) % 2 === share),
};

describe("a rate of two nodes together", () => {
  test("lets pass what one node would, to 5 %, however the traffic is split", limit, async (t) => {
    const redis = await startRedis(t);
    const cluster = { cluster: { interval: "500ms" }, ...config };
    const nodes = await Promise.all(["a", "b"].map((name) => startNode(t, { name, redis }, cluster)));
    await joined(...nodes);
    const seconds = 10;
    const passed = await Promise.all(
      Object.entries(splits).map(async ([key, split]) => {
        const tallies = await Promise.all(
          nodes.map(({ url }, share) =>
            sendAtPace(t, {
              target: { url, headers: { "x-key": key } },
              pace: (at) => 3 * rate * split(share, at),
              seconds,
            }),
          ),
        );
        assert.deepEqual(new Set(tallies.flatMap((tally) => [...tally.keys()])), new Set([200, 429]));
        return [key, tallies.reduce((sum, tally) => sum + (tally.get(200) ?? 0), 0)] as const;
      }),
    );
    const whole = rate + rate * seconds;
    for (const [key, count] of passed)
      assert.ok(Math.abs(count / whole - 1) <= 0.05, `${key}: ${count} passed, and ${whole} should`);
  });

  test("is counted over all workers of a node", limit, async (t) => {
    const redis = await startRedis(t);
    const [one, two] = await Promise.all([
      startNode(t, { name: "a", redis }, { ...config, workers: 2 }),
      startNode(t, { name: "b", redis }, config),
    ]);
    await joined(one, two);
    const seconds = 5;
    const tallies = await Promise.all(
      [one, two].map(({ url }) =>
        sendAtPace(t, { target: { url, headers: { "x-key": "k" } }, pace: () => 2 * rate, seconds }),
      ),
    );
    const count = tallies.reduce((sum, tally) => sum + (tally.get(200) ?? 0), 0);
    const whole = rate + rate * seconds;
    assert.ok(Math.abs(count / whole - 1) <= 0.07, `${count} passed, and ${whole} should`);
  });

  test("is each node's own while the store is away, and shared again when it is back", limit, async (t) => {
    const redis = await startRedis(t);
    const nodes = await Promise.all(["a", "b"].map((name) => startNode(t, { name, redis }, config)));
    await joined(...nodes);
    await redis.kill();
    for (const node of nodes) await eventually(async () => !(await node.cluster()).connected);
    const seconds = 3;
    const send = (key: string) =>
      Promise.all(
        nodes.map(({ url }) =>
          sendAtPace(t, { target: { url, headers: { "x-key": key } }, pace: () => 3 * rate, seconds }),
        ),
      );
    for (const tally of await send("alone")) {
      const own = rate + rate * seconds;
      assert.ok(
        Math.abs((tally.get(200) ?? 0) / own - 1) <= 0.07,
        `${tally.get(200)} passed, and ${own} should`,
      );
    }
    await redis.start();
    await joined(...nodes);
    const again = (await send("again")).reduce((sum, tally) => sum + (tally.get(200) ?? 0), 0);
    const whole = rate + rate * seconds;
    assert.ok(again <= 1.1 * whole, `${again} passed, and ${whole} should`);
  });

  test("names no client in the store, and leaves nothing there", limit, async (t) => {
    const redis = await startRedis(t);
    const node = await startNode(t, { name: "a", redis }, config);
    const visit = createVisitor(t);
    await joined(node);
    for (let n = 0; n < 30; n++) await visit({ url: node.url, headers: { "x-key": "a-secret-key" } });
    const key = await eventually(() => redis.cli("keys", "*rate*"));
    const value = await redis.cli("get", key);
    assert.ok(!`${key} ${value}`.includes("a-secret-key"));
    await eventually(async () => (await redis.cli("keys", "*rate*")) === "", 10_000);
    await eventually(async () => (await node.cluster()).leases === 0, 10_000);
  });
});
