import assert from "node:assert/strict";
import { describe, test } from "node:test";
import process from "node:process";
import { createApp } from "../../../src/control/create-app.ts";
import { createLog } from "../../../src/control/log.ts";
import { start } from "../../../src/control/start.ts";
import { host } from "../../../src/runtime/current.ts";
import { createAuthority } from "../../kit/certificates.ts";
import { intervalMs, joined, startNode } from "../../kit/cluster.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { startRedis, type TestRedis } from "../../kit/start-redis.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 60_000 };

const hourMs = 3_600_000;

const hello = { routes: [{ path: "/*", respond: { body: "ok" } }] };

/** A node in this process whose clock on the wall is wrong. */
async function startSkewed(
  t: Teardown,
  { redis, skewMs }: { redis: TestRedis; skewMs: number },
  config: object,
) {
  const lines: string[] = [];
  const time = { ...host.time, now: () => host.time.now() + skewMs };
  const cluster = { store: redis.url, node: "skewed", interval: `${intervalMs}ms` };
  const common = {
    listeners: { web: { bind: "127.0.0.1:0" } },
    admin: { bind: "127.0.0.1:0" },
    storage: false,
  };
  const value = { ...common, accessLog: { format: "off" }, cluster, ...config };
  const node = await start(
    { value },
    {
      host: { ...host, time },
      log: createLog({ write: (line) => void lines.push(line), now: time.now }),
      env: process.env,
      workerCount: 1,
    },
  );
  t.after(() => node.stop());
  const ask = async (path: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${node.adminUrl}${path}`, init)).json();
  return { ask, url: `http://127.0.0.1:${node.addresses[0]?.port}` };
}

describe("clocks that differ", () => {
  for (const skewMs of [hourMs, -hourMs]) {
    test(`by ${skewMs / hourMs} hours make no node older, and no ban longer`, limit, async (t) => {
      const redis = await startRedis(t);
      const server = await startServer(t);
      const config = {
        upstreams: { app: { servers: [{ name: "s", url: server.url }] } },
        routes: [{ path: "/*", upstream: "app" }],
      };
      const node = await startNode(t, { name: "right", redis }, config);
      const skewed = await startSkewed(t, { redis, skewMs }, config);
      await joined(node, {
        ...node,
        name: "x",
        cluster: () =>
          skewed
            .ask("/api/status")
            .then((s) => (s as { cluster: Awaited<ReturnType<typeof node.cluster>> }).cluster),
      });
      const [seen] = (await node.cluster()).nodes;
      assert.ok((seen?.lastSeenMs ?? hourMs) < 3 * intervalMs);
      await skewed.ask("/api/bans", {
        method: "POST",
        body: JSON.stringify({ client: "192.0.2.9", forMs: 60_000 }),
      });
      const bans = await eventually(async () => {
        const listed = (await (await fetch(`${node.adminUrl}/api/bans`)).json()) as {
          client: string;
          until: number;
        }[];
        return listed.length > 0 && listed;
      });
      const leftMs = (bans[0]?.until ?? 0) - Date.now();
      assert.ok(leftMs > 50_000 && leftMs < 61_000, `${leftMs}`);
      const path = "/api/upstreams/app/servers/s";
      await skewed.ask(path, { method: "PATCH", body: JSON.stringify({ weight: 4 }) });
      await fetch(node.adminUrl + path, { method: "PATCH", body: JSON.stringify({ weight: 5 }) });
      await pause(4 * intervalMs);
      const weights = [
        await node.status(),
        (await skewed.ask("/api/status")) as Awaited<ReturnType<typeof node.status>>,
      ].map(({ upstreams }) => upstreams[0]?.servers[0]?.weight);
      assert.equal(weights[0], weights[1]);
    });
  }
});

describe("joining", () => {
  test("needs no more of the store than its page says, by TLS and as a user of its own", limit, async (t) => {
    const authority = await createAuthority(t);
    const { certFile, keyFile } = await authority.issue("store");
    const redis = await startRedis(t, { tls: { certFile, keyFile, caFile: authority.certFile } });
    const permissions = ["+@read", "+@write", "+@scripting", "+@connection", "+time", "-@dangerous"];
    await redis.cli("acl", "setuser", "headgate", "on", ">open-sesame", "~headgate:*", ...permissions);
    await redis.cli("acl", "setuser", "default", "off");
    const url = redis.url.replace("//", "//headgate:open-sesame@");
    const config = {
      ...hello,
      cluster: { tls: { ca: authority.certFile } },
      limits: { scope: "cluster", rate: [{ key: "client-ip", rate: "5/s" }] },
    };
    const nodes = await Promise.all(["a", "b"].map((name) => startNode(t, { name, redis: { url } }, config)));
    await joined(...nodes);
    for (let n = 0; n < 20; n++) await fetch(nodes[0]!.url);
    await eventually(async () => (await nodes[0]!.cluster()).leases > 0);
    await pause(3 * intervalMs);
    for (const node of nodes) {
      const { connected, ignored, exchanges } = await node.cluster();
      assert.deepEqual([connected, ignored, exchanges.failed], [true, 0, 0]);
      assert.ok(!`${node.logs()}${JSON.stringify(await node.cluster())}`.includes("sesame"));
    }
  });

  test("late, nodes that began alone agree on the secret, and lose no request by it", limit, async (t) => {
    const redis = await startRedis(t);
    await redis.kill();
    const servers = await Promise.all(
      ["one", "two", "three"].map((name) => startServer(t, (_request, response) => void response.end(name))),
    );
    const config = {
      upstreams: { app: { servers: servers.map(({ url }) => url), sticky: {} } },
      routes: [{ path: "/*", upstream: "app" }],
      workers: 2,
    };
    const nodes = await Promise.all(["a", "b"].map((name) => startNode(t, { name, redis }, config)));
    for (const { url } of nodes) assert.equal((await fetch(url)).status, 200);
    await redis.start();
    await joined(...nodes);
    await eventually(async () => {
      const first = await fetch(nodes[0]!.url);
      const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
      const server = await first.text();
      const again = await fetch(nodes[1]!.url, { headers: { cookie } });
      return (await again.text()) === server && again.headers.get("set-cookie") === null;
    });
  });

  test("to a store that is not there keeps nobody from starting", limit, async (t) => {
    const redis = { url: `redis://127.0.0.1:${await freePort()}` };
    const startedMs = performance.now();
    const node = await startNode(t, { name: "a", redis }, hello);
    assert.ok(performance.now() - startedMs < 5_000);
    assert.equal(await (await fetch(node.url)).text(), "ok");
    assert.equal((await node.cluster()).error, "connection refused");
    assert.equal(await node.stop(), 0);
  });

  test("works for an app inside another program", limit, async (t) => {
    const redis = await startRedis(t);
    const node = await startNode(t, { name: "a", redis }, hello);
    const cluster = { store: redis.url, node: "app", interval: `${intervalMs}ms` };
    const app = await createApp({ ...hello, cluster, accessLog: { format: "off" } });
    const others = async () => (await node.cluster()).nodes.map(({ name, isAlive }) => [name, isAlive]);
    await eventually(async () => JSON.stringify(await others()) === '[["app",true]]');
    assert.equal(await (await app.fetch(new Request("http://localhost/"))).text(), "ok");
    await app.close();
    await eventually(async () => (await redis.cli("hkeys", "headgate:nodes")) === "a", 2 * intervalMs);
  });

  test("of three nodes makes each know the two others", limit, async (t) => {
    const redis = await startRedis(t);
    const nodes = await Promise.all(["a", "b", "c"].map((name) => startNode(t, { name, redis }, hello)));
    await joined(...nodes);
    assert.deepEqual(
      await Promise.all(nodes.map((node) => node.metric("headgate_cluster_nodes"))),
      [3, 3, 3],
    );
  });
});
