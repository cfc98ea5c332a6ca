import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { joined, startNode, type TestNode } from "../../kit/cluster.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { startRedis, type TestRedis } from "../../kit/start-redis.ts";
import { startServer, startTcpServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { keepBusy } from "../../kit/traffic.ts";

const limit = { timeout: 60_000 };

const away = "the cluster's store is away: this node goes on alone";
const back = "the cluster's store is back";

async function startPair(
  t: Teardown,
  redis: Pick<TestRedis, "url">,
  more: object = {},
): Promise<[TestNode, TestNode]> {
  const server = await startServer(t);
  const config = {
    upstreams: { app: { balance: "least-connections", servers: [server.url], sticky: {} } },
    limits: { scope: "cluster", shed: { enabled: false }, rate: [{ key: "client-ip", rate: "1000000/s" }] },
    routes: [{ path: "/*", upstream: "app" }],
    ...more,
  };
  return Promise.all([
    startNode(t, { name: "a", redis }, config),
    startNode(t, { name: "b", redis }, config),
  ]);
}

function times(text: string, nodes: readonly TestNode[]): number[] {
  return nodes.map((node) => node.logs().split(text).length - 1);
}

async function connected(nodes: readonly TestNode[], isConnected: boolean): Promise<void> {
  for (const node of nodes)
    await eventually(async () => (await node.cluster()).connected === isConnected, 10_000);
}

/** Does something to the store while both nodes have plenty to do, and gives what became of the requests. */
async function underLoad(t: Teardown, nodes: readonly TestNode[], trouble: () => Promise<void>) {
  const targets = nodes.flatMap(({ url }) => Array.from({ length: 4 }, () => ({ url })));
  const { tally, slowestMs } = await keepBusy(t, { targets, until: trouble() });
  return { statuses: [...tally.keys()], slowestMs };
}

const troubles: Readonly<
  Record<string, { begin: (redis: TestRedis) => unknown; end: (redis: TestRedis) => unknown; why: string }>
> = {
  "is killed": { begin: (redis) => redis.kill(), end: (redis) => redis.start(), why: "connection refused" },
  hangs: {
    begin: (redis) => redis.signal("SIGSTOP"),
    end: (redis) => redis.signal("SIGCONT"),
    why: "no answer in time",
  },
  "is full": {
    begin: (redis) => redis.cli("config", "set", "maxmemory", "1"),
    end: (redis) => redis.cli("config", "set", "maxmemory", "0"),
    why: "it is full",
  },
  "becomes a replica": {
    begin: (redis) => redis.cli("replicaof", "127.0.0.1", "1"),
    end: (redis) => redis.cli("replicaof", "no", "one"),
    why: "it is a replica, and takes no writes",
  },
};

describe("while the store", () => {
  for (const [what, { begin, end, why }] of Object.entries(troubles)) {
    test(`${what}, no request fails; that is said once, and once that it is back`, limit, async (t) => {
      const redis = await startRedis(t);
      const nodes = await startPair(t, redis);
      await joined(...nodes);
      const { statuses, slowestMs } = await underLoad(t, nodes, async () => {
        await pause(300);
        await begin(redis);
        await connected(nodes, false);
        await pause(500);
        for (const node of nodes) assert.equal((await node.cluster()).error, why);
        for (const node of nodes) assert.equal(await node.metric("headgate_cluster_connected"), 0);
        await end(redis);
        await connected(nodes, true);
        await joined(...nodes);
      });
      assert.deepEqual(statuses, [200]);
      assert.ok(slowestMs < 900, `a request took ${slowestMs} ms`); // the store's deadline is 1 s
      assert.deepEqual(times(away, nodes), [1, 1]);
      assert.deepEqual(times(back, nodes), [1, 1]);
    });
  }

  test("is slow, nodes go on knowing each other", limit, async (t) => {
    const redis = await startRedis(t);
    const slow = await startTcpServer(t, (socket) => {
      const onward = connect(redis.port, "127.0.0.1");
      const late = (run: () => void): void => void setTimeout(run, 150);
      socket.on("data", (bytes) => late(() => onward.write(bytes)));
      onward.on("data", (bytes) => late(() => socket.write(bytes)));
      socket.on("close", () => onward.destroy());
      onward.on("close", () => socket.destroy());
      for (const end of [socket, onward]) end.on("error", () => {});
    });
    const nodes = await startPair(t, { url: slow.url.replace("http", "redis") }, {});
    await joined(...nodes);
    const { statuses, slowestMs } = await underLoad(t, nodes, () => pause(1_500));
    assert.deepEqual(statuses, [200]);
    assert.ok(slowestMs < 900, `a request took ${slowestMs} ms`);
    await joined(...nodes);
    assert.deepEqual(times(away, nodes), [0, 0]);
  });
});

describe("a store that", () => {
  test("comes back empty is filled again: orders, bans, the secret", limit, async (t) => {
    const redis = await startRedis(t);
    const nodes = await startPair(t, redis);
    const [a, b] = nodes;
    await joined(a, b);
    const order = JSON.stringify({ weight: 9 });
    const server = (await a.status()).upstreams[0]?.servers[0]?.name ?? "";
    await fetch(`${a.adminUrl}/api/upstreams/app/servers/${server}`, { method: "PATCH", body: order });
    const ban = JSON.stringify({ client: "192.0.2.7", forMs: 60_000 });
    await fetch(`${a.adminUrl}/api/bans`, { method: "POST", body: ban });
    const secret = await redis.cli("get", "headgate:secret");
    for (const empty of [() => redis.cli("flushall"), () => redis.kill().then(() => redis.start())]) {
      await eventually(async () => (await redis.cli("hlen", "headgate:orders")) === "1");
      await empty();
      await connected(nodes, true);
      await eventually(async () => (await redis.cli("hlen", "headgate:orders")) === "1", 20_000);
      await eventually(async () => (await redis.cli("hkeys", "headgate:bans")) === "192.0.2.7", 20_000);
      assert.equal(await redis.cli("get", "headgate:secret"), secret);
    }
  });

  test("wants a password is away until it is given; nobody is shown it", limit, async (t) => {
    const redis = await startRedis(t, {
      args: ["--requirepass", "open-sesame"],
      cliArgs: ["-a", "open-sesame", "--no-auth-warning"],
    });
    const at = (userinfo: string) => ({ url: redis.url.replace("//", `//${userinfo}@`) });
    const [a] = await startPair(t, at(":hunter2"));
    assert.equal((await fetch(a.url)).status, 200);
    const shown = await Promise.all(
      ["/api/status", "/api/config", "/metrics"].map(async (path) => (await fetch(a.adminUrl + path)).text()),
    );
    assert.match(shown[0] ?? "", /it does not accept the user and password/);
    assert.ok(![...shown, a.logs()].some((text) => text.includes("hunter2")));
    const [c, d] = await startPair(t, at(":open-sesame"));
    await joined(c, d);
    assert.ok(!`${JSON.stringify(await c.cluster())}${c.logs()}`.includes("sesame"));
  });

  test("has something else under our keys is used for the rest, and that is said once", limit, async (t) => {
    const redis = await startRedis(t);
    await redis.cli("set", "headgate:orders", "mine");
    await redis.cli("rpush", "headgate:bans", "mine");
    const nodes = await startPair(t, redis);
    await joined(...nodes);
    await eventually(async () => (await nodes[0].metric("headgate_cluster_ignored_values_total")) > 3);
    const told = nodes[0].logs().match(/under a key of ours key=\S+/g);
    assert.deepEqual(told?.toSorted(), [
      "under a key of ours key=headgate:bans",
      "under a key of ours key=headgate:orders",
    ]);
    assert.equal(await redis.cli("get", "headgate:orders"), "mine");
    await redis.cli("del", "headgate:orders", "headgate:bans");
    const before = await nodes[1].metric("headgate_cluster_ignored_values_total");
    await pause(600);
    assert.ok((await nodes[1].metric("headgate_cluster_ignored_values_total")) <= before + 2);
  });

  test("holds what somebody else wrote is read with suspicion", limit, async (t) => {
    const redis = await startRedis(t);
    const nodes = await startPair(t, redis);
    await joined(...nodes);
    await poison(redis);
    for (const node of nodes) await eventually(async () => (await node.cluster()).ignored > 10);
    const { statuses } = await underLoad(t, nodes, () => pause(800));
    assert.deepEqual(statuses, [200]);
    for (const node of nodes) {
      const { upstreams, cluster } = await node.status();
      assert.equal(cluster.connected, true);
      assert.deepEqual(
        upstreams.flatMap(({ servers }) => servers.map(({ state, weight }) => [state, weight])),
        [["up", 1]],
      );
      assert.equal(await (await fetch(`${node.adminUrl}/api/bans`)).text(), "[]");
      assert.deepEqual(
        cluster.nodes.filter(({ isAlive }) => isAlive).map(({ name }) => name),
        [node === nodes[0] ? "b" : "a"],
      );
      assert.ok(!/\b(fault|error)\b/.test(node.logs()), node.logs());
    }
  });
});

/** Writes what no node would: nonsense, names of prototypes, numbers that cannot be, and far too much. */
async function poison(redis: TestRedis): Promise<void> {
  const now = String(Date.now());
  const reports = {
    nonsense: "nonsense",
    empty: "",
    "no json": `${now} x {"v":1,`,
    "another version": `${now} x {"v":2,"intervalMs":1000,"servers":[]}`,
    negative: `${now} x {"v":1,"intervalMs":1000,"servers":[["id",-1]]}`,
    endless: `${now} x {"v":1,"intervalMs":1e999,"servers":[]}`,
    "not a line": `${now} x {"v":1,"intervalMs":1000,"servers":[{"__proto__":{"id":1}}]}`,
    __proto__x: `${now} x {"v":1,"intervalMs":1000,"servers":[["__proto__",5],["constructor","5"]]}`,
    "so many digits": `${"9".repeat(30)} x {"v":1,"intervalMs":1000,"servers":[]}`,
  };
  for (const [node, report] of Object.entries(reports))
    await redis.cli("hset", "headgate:nodes", node, report);
  await redis.cli(
    "eval",
    "redis.call('HSET', KEYS[1], 'huge', string.rep('x', 5000000))",
    "1",
    "headgate:nodes",
  );
  const entries = {
    '["app","__proto__"]': '5 x 0 {"weight":7',
    '["app"]': '5 x 0 {"weight":7,"setAt":1}',
    __proto__: '5 x 0 {"weight":7,"setAt":1}',
    '["app","s"]': '5 x 0 {"weight":-7,"setAt":1}',
    '["app","t"]': '999999999999999999999 x 0 {"weight":7,"setAt":1}',
  };
  for (const [name, entry] of Object.entries(entries)) {
    await redis.cli("hset", "headgate:orders", name, entry);
    await redis.cli("zadd", "headgate:orders:log", `${now}999`, name);
  }
  const bans = {
    "not an address": '5 x 0 ["rate",5]',
    "192.0.2.1": '5 x 0 ["rate",5]',
    "127.0.0.1": `5 x ${now}999 ["no such reason",5]`,
  };
  for (const [client, entry] of Object.entries(bans)) {
    await redis.cli("hset", "headgate:bans", client, entry);
    await redis.cli("zadd", "headgate:bans:log", `${now}999`, client);
  }
  for (const key of (await redis.cli("keys", "headgate:rate:*")).split("\n").filter((name) => name !== ""))
    await redis.cli("set", key, "99999999999999999999999999;x 1 1 1 1;junk");
}
