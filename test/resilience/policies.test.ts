import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, pause } from "../kit/eventually.ts";
import { createGate } from "../kit/gate.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import { startProxy } from "../kit/start-proxy.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask, askMany, times } from "./ask.ts";
import { ok, startCounting, status } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";
import { startBalancer } from "./start-balancer.ts";

const all = [
  "round-robin",
  "least-connections",
  "power-of-two",
  "response-time",
  "reported-load",
  "hash",
  "random",
] as const;

async function startWith(
  t: Teardown,
  servers: readonly object[],
  {
    upstream = {},
    replies = [],
  }: { readonly upstream?: Readonly<Record<string, unknown>>; readonly replies?: readonly Reply[] } = {},
): Promise<{ plane: TestPlane; servers: readonly CountingServer[] }> {
  const running = await Promise.all(servers.map((_, at) => startCounting(t, replies[at] ?? ok(`s${at}`))));
  const configs = running.map(({ url }, at) => ({ url, name: `s${at}`, ...servers[at] }));
  const listeners = { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } };
  return { plane: await startPlaneFor(t, { listeners, ...proxyTo(configs, upstream) }), servers: running };
}

function sharesOf(servers: readonly CountingServer[]): number[] {
  const total = servers.reduce((sum, server) => sum + server.count(), 0);
  return servers.map((server) => server.count() / total);
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [at, share] of actual.entries()) {
    assert.ok(Math.abs(share - (expected[at] ?? 0)) <= tolerance, actual.join(" "));
  }
}

describe("balancing", () => {
  for (const [balance, tolerance] of [
    ["round-robin", 0.001],
    ["random", 0.06],
    ["hash", 0.06],
    ["least-connections", 0.06],
  ] as const) {
    test(`gives servers their weights' shares with ${balance}`, async (t) => {
      const weights = [{ weight: 1 }, { weight: 2 }, { weight: 5 }];
      const { plane, servers } = await startWith(t, weights, { upstream: { balance, hash: "header:x-id" } });
      await askMany(t, plane.port, { connections: 8, questions: times(1600) });
      assertNear(sharesOf(servers), [1 / 8, 2 / 8, 5 / 8], tolerance);
    });
  }

  for (const balance of all) {
    test(`with ${balance} passes a drained server and a backup over, and uses both others`, async (t) => {
      const { plane, servers } = await startWith(t, [{ weight: 0 }, { backup: true }, {}, {}], {
        upstream: { balance, hash: "header:x-id" },
      });
      await askMany(t, plane.port, { connections: 4, questions: times(60) });
      const [drained, backup, one, two] = servers.map((server) => server.count());
      assert.deepEqual([drained, backup], [0, 0]);
      assert.ok((one ?? 0) > 0 && (two ?? 0) > 0);
    });
  }

  test("asks a backup where the primaries are full", async (t) => {
    const gate = createGate();
    const held: Reply = async (talk, request) => {
      await gate.opened;
      await ok("primary")(talk, request);
    };
    const { plane, servers } = await startWith(t, [{ maxConnections: 2 }, { backup: true }], {
      replies: [held, ok("backup")],
    });
    const first = [ask(plane.port), ask(plane.port)];
    await eventually(() => servers[0]?.count() === 2);
    assert.equal((await ask(plane.port)).body, "backup");
    gate.open();
    await Promise.all(first);
    assert.equal((await ask(plane.port)).body, "primary");
  });

  test("keeps a client with its server by hash, and moves only that server's clients when it fails", async (t) => {
    const { plane, servers } = await startWith(t, [{}, {}, {}], {
      upstream: { balance: "hash", hash: "client-ip", retry: { backoff: "0s", budget: "100%" } },
    });
    const homeOf = async (client: number): Promise<string> =>
      (await ask(plane.port, { fields: { "x-forwarded-for": `10.0.0.${client}` } })).body;
    const homes: string[] = [];
    for (let client = 0; client < 30; client++) homes.push(await homeOf(client));
    for (let client = 0; client < 30; client++) assert.equal(await homeOf(client), homes[client]);
    assert.equal(new Set(homes).size, 3);
    await servers[0]?.stop();
    for (let client = 0; client < 30; client++) {
      const home = await homeOf(client);
      if (homes[client] === "s0") assert.notEqual(home, "s0");
      else assert.equal(home, homes[client]);
    }
  });

  for (const [source, question] of [
    ["path", { path: "/k" }],
    ["header:x-key", { fields: { "x-key": "k" } }],
    ["cookie:key", { fields: { cookie: "a=b; key=k" } }],
    ["query:key", { path: "/?a=b&key=k" }],
  ] as const) {
    test(`keeps requests together by ${source}`, async (t) => {
      const { plane } = await startWith(t, [{}, {}, {}, {}], { upstream: { balance: "hash", hash: source } });
      const bodies = new Set<string>();
      const others = new Set<string>();
      for (let turn = 0; turn < 8; turn++) {
        bodies.add((await ask(plane.port, question)).body);
        const text = JSON.stringify(question).replace(/k(?="[}])/, `k${turn}`);
        others.add((await ask(plane.port, JSON.parse(text) as typeof question)).body);
      }
      assert.equal(bodies.size, 1);
      assert.ok(others.size > 1, [...others].join(" "));
    });
  }

  test("by response time prefers the faster server, and is not drawn to one that fails fast", async (t) => {
    const slow: Reply = async (talk, request) => {
      await pause(25);
      await ok("slow")(talk, request);
    };
    const { plane, servers } = await startWith(t, [{}, {}, {}], {
      upstream: { balance: "response-time", health: { passive: "off" } },
      replies: [slow, ok("fast"), status(500)],
    });
    await eventually(async () => {
      await askMany(t, plane.port, { connections: 4, questions: times(20) });
      return servers.every((server) => server.count() > 0) && plane.counts("s0").averageMs !== null;
    });
    const before = servers.map((server) => server.count());
    await askMany(t, plane.port, { connections: 4, questions: times(300) });
    const counts = servers.map((server, at) => server.count() - (before[at] ?? 0));
    const [slowCount = 0, fastCount = 0, failingCount = 0] = counts;
    assert.ok(fastCount > slowCount && failingCount < 15, counts.join(" "));
  });
});

const reports: readonly (readonly [form: string, field: string, high: string, low: string])[] = [
  [
    "ORCA as text",
    "endpoint-load-metrics",
    "TEXT cpu_utilization=0.9, mem_utilization=0.1",
    "TEXT cpu_utilization=0.1",
  ],
  ["ORCA as JSON", "endpoint-load-metrics", 'JSON {"cpu_utilization": 0.9}', 'JSON {"cpuUtilization": 0.1}'],
  ["a plain number", "x-load", "0.9", "0.1"],
  ["a percentage", "x-load", "90 %", "10%"],
];

describe("reported load", () => {
  for (const [form, field, high, low] of reports) {
    test(`as ${form} draws requests to the idle server, and is not shown to clients`, async (t) => {
      const { plane, servers } = await startWith(t, [{}, {}], {
        upstream: { balance: "reported-load", load: { header: field } },
        replies: [ok("busy", `${field}: ${high}\r\n`), ok("idle", `${field}: ${low}\r\n`)],
      });
      const answers = await askMany(t, plane.port, { connections: 1, questions: times(60) });
      assert.ok(answers.every(({ head }) => head.get(field) === undefined));
      const [busy = 0, idle = 0] = servers.map((server) => server.count());
      assert.ok(busy <= 15 && idle >= 45, `${busy} ${idle}`); // until the idle one was asked once, they look equal
      assert.equal(plane.counts("s0").load, 0.9);
    });
  }

  test("that is expired counts as unknown: the server is asked again", async (t) => {
    const { plane, servers } = await startWith(t, [{}, {}], {
      upstream: { balance: "reported-load", load: { header: "x-load", expire: "100ms" } },
      replies: [ok("busy", "x-load: 0.99\r\n"), ok("idle", "x-load: 0.01\r\n")],
    });
    await askMany(t, plane.port, { connections: 1, questions: times(20) });
    const before = servers[0]?.count() ?? 0;
    await eventually(async () => {
      await ask(plane.port);
      return (servers[0]?.count() ?? 0) > before;
    });
  });

  test("that makes no sense is as good as none, and is still not shown", async (t) => {
    const { plane } = await startWith(t, [{}], {
      upstream: { balance: "reported-load" },
      replies: [ok("x", "endpoint-load-metrics: TEXT cpu_utilization=-1\r\n")],
    });
    const { status: code, head } = await ask(plane.port);
    assert.deepEqual([code, head.get("endpoint-load-metrics")], [200, undefined]);
    assert.equal(plane.counts().load, null);
  });
});

describe("slow start", () => {
  test("gives a server that joins a small share at first, which rises", async (t) => {
    const servers = await Promise.all([startCounting(t, ok("old")), startCounting(t, ok("new"))]);
    const [old, joining] = servers;
    const configOf = (urls: readonly string[]): Record<string, unknown> => ({
      upstreams: { app: { balance: "round-robin", servers: urls, slowStart: "2s" } },
      routes: [{ path: "/*", upstream: "app" }],
    });
    const balancer = await startBalancer(t, configOf([old.url]));
    await balancer.reload(configOf([old.url, joining.url]));
    await askMany(t, balancer.port, { connections: 2, questions: times(100) });
    const early = joining.count();
    assert.ok(early > 0 && early <= 30, `${early} of 100`);
    const lateShare = await eventually(async () => {
      const before = joining.count();
      await askMany(t, balancer.port, { connections: 2, questions: times(40) });
      return joining.count() - before === 20 && 0.5;
    });
    assert.equal(lateShare, 0.5);
  });
});

describe("over two workers", () => {
  const held = 12;

  test("maxConnections is never exceeded, and nobody fails who may queue", async (t) => {
    const busy: Reply = async (talk, request) => {
      await pause(3);
      await ok()(talk, request);
    };
    const servers = [await startCounting(t, busy), await startCounting(t, busy)];
    const proxy = await startProxy(t, {
      ...proxyTo(
        servers.map(({ url }) => ({ url, maxConnections: 3 })),
        { balance: "least-connections", queue: { size: 200, timeout: "10s" } },
      ),
      workers: 2,
      accessLog: { format: "off" },
    });
    const answers = await askMany(t, proxy.port, { connections: 32, questions: times(600) });
    assert.deepEqual(new Set(answers.map(({ status: code }) => code)), new Set([200]));
    for (const server of servers) assert.ok(server.mostAtOnce() <= 3, `${server.mostAtOnce()}`);
  });

  test("least-connections is exact: held requests spread evenly", async (t) => {
    const gate = createGate();
    const waits: Reply = async (talk, request) => {
      await gate.opened;
      await ok()(talk, request);
    };
    const servers = await Promise.all([1, 2, 3].map(() => startCounting(t, waits)));
    const proxy = await startProxy(t, {
      ...proxyTo(
        servers.map(({ url }) => url),
        { balance: "least-connections" },
      ),
      workers: 2,
      accessLog: { format: "off" },
    });
    const answers: Promise<unknown>[] = [];
    for (let at = 1; at <= held; at++) {
      answers.push(ask(proxy.port));
      await eventually(() => servers.reduce((sum, server) => sum + server.count(), 0) === at);
    }
    assert.deepEqual(
      servers.map((server) => server.count()),
      [4, 4, 4],
    );
    gate.open();
    await Promise.all(answers);
  });
});
