import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { intervalMs, joined, startNode, type TestNode } from "../../kit/cluster.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { startRedis } from "../../kit/start-redis.ts";
import { startServer, type TestServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 60_000 };

function configOf(
  servers: readonly TestServer[],
  more: object = {},
  upstream: object = {},
): Record<string, unknown> {
  const named = servers.map(({ url }, index) => ({ url, name: `s${index + 1}` }));
  const app = { balance: "least-connections", servers: named, ...upstream };
  return { upstreams: { app }, routes: [{ path: "/*", upstream: "app" }], ...more };
}

async function startPair(
  t: Teardown,
  config: Readonly<Record<string, unknown>>,
): Promise<[TestNode, TestNode]> {
  const redis = await startRedis(t);
  const nodes = await Promise.all([
    startNode(t, { name: "a", redis }, config),
    startNode(t, { name: "b", redis }, config),
  ]);
  await joined(...nodes);
  return nodes;
}

async function serversOf(node: TestNode) {
  return (await node.status()).upstreams[0]?.servers ?? [];
}

function elsewhere(node: TestNode, server: string): Promise<number> {
  return node.metric(`headgate_server_elsewhere_inflight{upstream="app",server="${server}"}`);
}

async function change(node: TestNode, method: string, body?: object): Promise<number> {
  const url = `${node.adminUrl}/api/upstreams/app/servers/s1`;
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  return (await fetch(url, init)).status;
}

describe("requests under way", () => {
  async function startHeld(t: Teardown) {
    const gate = createGate();
    const hold = { answer: false };
    const slow = await startServer(t, async (_request, response) => {
      await gate.opened;
      response.end("slow");
    });
    const quick = await startServer(t, async (_request, response) => {
      if (hold.answer) await gate.opened;
      response.end("quick");
    });
    t.after(() => gate.open());
    const [a, b] = await startPair(t, configOf([slow, quick]));
    const held = Array.from({ length: 12 }, () => fetch(a.url));
    void Promise.allSettled(held);
    await eventually(async () => ((await serversOf(a))[0]?.inflight ?? 0) >= 1);
    return { a, b, hold };
  }

  test("by way of one node count where the other chooses", limit, async (t) => {
    const { b, hold } = await startHeld(t);
    await eventually(async () => (await elsewhere(b, "s1")) > 0 && (await elsewhere(b, "s2")) === 0);
    hold.answer = true;
    void Promise.allSettled([fetch(b.url)]);
    await eventually(async () => (await serversOf(b))[1]?.inflight === 1);
    assert.equal((await serversOf(b))[0]?.inflight, 0);
  });

  test("of a node that is killed count nothing after three intervals", limit, async (t) => {
    const { a, b } = await startHeld(t);
    await eventually(async () => (await elsewhere(b, "s1")) > 0);
    a.signal("SIGKILL");
    const killedMs = performance.now();
    await a.exited;
    await eventually(async () => (await elsewhere(b, "s1")) === 0);
    const tookMs = performance.now() - killedMs;
    assert.ok(tookMs < 3 * intervalMs + 150, `${tookMs} ms`); // and the time to ask
    await eventually(async () => (await b.cluster()).nodes[0]?.isAlive === false);
  });

  test("of a node that stops count nothing at once", limit, async (t) => {
    const [a, b] = await startPair(t, configOf([await startServer(t)]));
    assert.equal(await a.stop(), 0);
    await eventually(async () => (await b.metric("headgate_cluster_nodes")) === 1, 3 * intervalMs);
  });
});

describe("what a client was given by one node", () => {
  test("holds at the other: its server, by a secret that nobody configured", limit, async (t) => {
    const servers = await Promise.all(
      ["one", "two", "three"].map((name) => startServer(t, (_request, response) => void response.end(name))),
    );
    const [a, b] = await startPair(t, configOf(servers, {}, { sticky: {} }));
    for (let client = 0; client < 6; client++) {
      const first = await fetch(a.url);
      const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
      const server = await first.text();
      for (const node of [b, a, b]) {
        const again = await fetch(node.url, { headers: { cookie } });
        assert.equal(await again.text(), server);
        assert.equal(again.headers.get("set-cookie"), null);
      }
    }
  });

  test("holds at the other: its ban, until it is pardoned at any", limit, async (t) => {
    const [a, b] = await startPair(
      t,
      configOf([await startServer(t)], {
        limits: {
          shed: { enabled: false },
          rate: [{ key: "client-ip", rate: "1/h", burst: 1 }],
          ban: { after: 2, window: "1m", for: "10m" },
        },
      }),
    );
    for (let n = 0; n < 4; n++) await fetch(a.url);
    assert.equal((await fetch(a.url)).status, 403);
    await eventually(async () => (await fetch(b.url)).status === 403);
    const bans = async (node: TestNode) =>
      (await (await fetch(`${node.adminUrl}/api/bans`)).json()) as {
        client: string;
        until: number;
        reason: string;
      }[];
    const [mine, theirs] = [await bans(a), await bans(b)];
    assert.deepEqual(
      theirs.map(({ client, reason }) => [client, reason]),
      [["127.0.0.1", "rate"]],
    );
    assert.ok(Math.abs((mine[0]?.until ?? 0) - (theirs[0]?.until ?? 0)) < 1_500);
    assert.equal((await fetch(`${b.adminUrl}/api/bans/127.0.0.1`, { method: "DELETE" })).status, 204);
    await eventually(async () => (await bans(a)).length === 0);
    await pause(3 * intervalMs);
    assert.deepEqual([await bans(a), await bans(b)], [[], []]);
  });

  test("holds at the other: a ban by hand", limit, async (t) => {
    const [a, b] = await startPair(t, configOf([await startServer(t)]));
    const body = JSON.stringify({ client: "127.0.0.1", forMs: 60_000 });
    assert.equal((await fetch(`${a.adminUrl}/api/bans`, { method: "POST", body })).status, 201);
    await eventually(async () => (await fetch(b.url)).status === 403);
  });
});

describe("what a person says of a server", () => {
  test("at one node is done by the other, and so is taking it back", limit, async (t) => {
    const [a, b] = await startPair(t, configOf([await startServer(t), await startServer(t)]));
    assert.equal(await change(a, "PATCH", { state: "drain", weight: 7 }), 200);
    await eventually(async () => (await serversOf(b))[0]?.state === "draining");
    assert.equal((await serversOf(b))[0]?.weight, 7);
    assert.equal(await change(b, "DELETE"), 200);
    await eventually(async () => (await serversOf(a))[0]?.state === "up");
    assert.equal((await serversOf(a))[0]?.weight, 1);
  });

  test("last is done by all, however often they disagreed", limit, async (t) => {
    const nodes = await startPair(t, configOf([await startServer(t)]));
    for (let round = 1; round <= 10; round++)
      await Promise.all(nodes.map((node) => change(node, "PATCH", { weight: round })));
    await Promise.all(nodes.map((node, index) => change(node, "PATCH", { weight: 100 + index })));
    const weights = async () => Promise.all(nodes.map(async (node) => (await serversOf(node))[0]?.weight));
    await eventually(async () => new Set(await weights()).size === 1);
    const agreed = await weights();
    await pause(3 * intervalMs);
    assert.deepEqual(await weights(), agreed);
    assert.ok((agreed[0] ?? 0) >= 100);
  });

  test("holds at a node that joins later, from its first request on", limit, async (t) => {
    const redis = await startRedis(t);
    const config = configOf([await startServer(t), await startServer(t)]);
    const first = await startNode(t, { name: "a", redis }, config);
    await joined(first);
    await change(first, "PATCH", { state: "drain" });
    await pause(2 * intervalMs);
    await first.stop();
    const second = await startNode(t, { name: "b", redis }, config);
    assert.equal((await serversOf(second))[0]?.state, "draining");
  });

  test("while the store is away wins over what was said before, also after a restart", limit, async (t) => {
    const redis = await startRedis(t, { args: ["--appendonly", "yes", "--appendfsync", "always"] });
    const directory = await mkdtemp(join(tmpdir(), "headgate-cluster-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const servers = [await startServer(t)];
    const config = configOf(servers);
    const kept = configOf(servers, { storage: join(directory, "headgate.db") });
    const [a, b] = [
      await startNode(t, { name: "a", redis }, config),
      await startNode(t, { name: "b", redis }, kept),
    ];
    await joined(a, b);
    await change(a, "PATCH", { weight: 5 });
    await eventually(async () => (await serversOf(b))[0]?.weight === 5);
    await redis.kill();
    await eventually(async () => !(await b.cluster()).connected);
    assert.equal(await change(b, "DELETE"), 200);
    await b.stop();
    await redis.start();
    await eventually(async () => (await a.cluster()).connected, 10_000);
    const again = await startNode(t, { name: "b", redis }, kept);
    await eventually(async () => (await serversOf(a))[0]?.weight === 1);
    assert.equal((await serversOf(again))[0]?.weight, 1);
  });
});

describe("what a node found of a server", () => {
  test("counts where another knows nothing of it, until it dies", limit, async (t) => {
    const good = await startServer(t);
    const broken = await startServer(t, (_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    const [a, b] = await startPair(
      t,
      configOf([good, broken], {}, { balance: "round-robin", health: { passive: { failures: 2 } } }),
    );
    for (let n = 0; n < 8; n++) await fetch(a.url);
    await eventually(async () => (await serversOf(a))[1]?.state === "ejected");
    await eventually(async () => (await serversOf(b))[1]?.state === "ejected");
    for (let n = 0; n < 6; n++) assert.equal((await fetch(b.url)).status, 200);
    a.signal("SIGKILL");
    await a.exited;
    await eventually(async () => (await serversOf(b))[1]?.state === "up");
  });

  test("does not count where the other knows better", limit, async (t) => {
    const servers = [await startServer(t), await startServer(t)];
    const active = { health: { active: { interval: "100ms", path: "/" } } };
    const redis = await startRedis(t);
    const a = await startNode(
      t,
      { name: "a", redis },
      configOf(servers, {}, { health: { active: { ...active.health.active, path: "/x", status: 204 } } }),
    );
    const b = await startNode(t, { name: "b", redis }, configOf(servers, {}, active));
    await joined(a, b);
    await eventually(async () => (await serversOf(a)).every(({ state }) => state === "down"));
    await pause(3 * intervalMs);
    assert.deepEqual(
      (await serversOf(b)).map(({ state }) => state),
      ["up", "up"],
    );
  });
});

test("two nodes of one name are told of in the log", limit, async (t) => {
  const redis = await startRedis(t);
  const config = configOf([await startServer(t)]);
  const nodes = await Promise.all([1, 2].map(() => startNode(t, { name: "same", redis }, config)));
  await eventually(() =>
    nodes.every((node) => node.logs().includes("has this node's name: set cluster.node node=same")),
  );
});
