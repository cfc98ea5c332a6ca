import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, pause } from "../kit/eventually.ts";
import { openSocket } from "../kit/raw-request.ts";
import { openTalk, takeBody, takeHead } from "../kit/talk.ts";
import { runProgram, type RunningProxy, startProxy, writeConfig } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";

const limit = { timeout: 30_000 };

const get = "GET / HTTP/1.1\r\nHost: site.test\r\n\r\n";

function configOf(servers: readonly string[], more: Record<string, unknown> = {}): Record<string, unknown> {
  const upstreams = { app: { balance: "round-robin", servers } };
  return { upstreams, routes: [{ path: "/*", upstream: "app" }], ...more };
}

function answerWith(body: string): Record<string, unknown> {
  return { routes: [{ path: "/*", respond: { body } }] };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function statusOf(proxy: RunningProxy) {
  return (await (await fetch(`${proxy.adminUrl}/api/status`)).json()) as {
    ready: boolean;
    workers: number;
    upstreams: { servers: { name: string; requests: number; inflight: number }[] }[];
  };
}

describe("start", () => {
  test("is ready, answers, and exits with 0 on SIGTERM", limit, async (t) => {
    const server = await startServer(t);
    const proxy = await startProxy(t, configOf([server.url]));
    assert.equal(await textOf(proxy.url), "ok");
    assert.equal((await fetch(`${proxy.adminUrl}/readyz`)).status, 200);
    assert.equal(await proxy.stop(), 0);
    await assert.rejects(fetch(proxy.url));
  });

  test("says which listener's port another process uses, in one line", limit, async (t) => {
    const server = await startServer(t);
    const bind = `127.0.0.1:${server.port}`;
    const file = await writeConfig(t, { ...answerWith("hi"), listeners: { web: { bind } } });
    const program = runProgram(t, ["run", "-c", file]);
    assert.equal(await program.exited, 1);
    assert.equal(
      program.logs(),
      `Cannot listen on ${bind} (listener "web"): another process uses this port; stop it or change listeners.web.bind\n`,
    );
  });

  test("does not share the port of another Headgate with several workers", limit, async (t) => {
    const first = await startProxy(t, { ...answerWith("first"), workers: 2 });
    const bind = `127.0.0.1:${first.port}`;
    const file = await writeConfig(t, { ...answerWith("second"), workers: 2, listeners: { web: { bind } } });
    const second = runProgram(t, ["run", "-c", file]);
    assert.equal(await second.exited, 1);
    assert.match(second.logs(), /another process uses this port/);
  });

  test("tells every mistake of the configuration with its place", limit, async (t) => {
    const file = await writeConfig(t, "routes:\n  - path: /*\n    upstrem: app\nworkers: many\n");
    const program = runProgram(t, ["run", "-c", file]);
    assert.equal(await program.exited, 1);
    assert.match(program.logs(), /config\.yaml:3:5 .*upstrem.*did you mean.*upstream/);
    assert.match(program.logs(), /config\.yaml:4:\d+ +workers/);
    assert.doesNotMatch(program.logs(), /at .*\.ts:\d+/, "no stack");
  });

  test("says that there is no such file", limit, async (t) => {
    const program = runProgram(t, ["run", "-c", "nowhere.yaml"]);
    assert.equal(await program.exited, 1);
    assert.equal(program.logs(), 'Cannot read the configuration "nowhere.yaml": there is no such file\n');
  });
});

describe("several workers", () => {
  test("share the listeners and one board", limit, async (t) => {
    const server = await startServer(t);
    const proxy = await startProxy(t, configOf([server.url], { workers: 2 }));
    for (let count = 0; count < 20; count++)
      await (await fetch(proxy.url, { headers: { connection: "close" } })).text();
    const status = await statusOf(proxy);
    assert.equal(status.workers, 2);
    assert.equal(status.upstreams[0]?.servers[0]?.requests, 20);
    assert.equal(await proxy.stop(), 0);
  });

  test("all answer by the new configuration after a reload", limit, async (t) => {
    const proxy = await startProxy(t, { ...answerWith("one"), workers: 2 });
    await proxy.configure({ ...answerWith("two"), workers: 2 });
    const response = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    assert.deepEqual([response.status, await response.json()], [200, { changes: ["route /* changed"] }]);
    for (let count = 0; count < 20; count++) {
      assert.equal(await (await fetch(proxy.url, { headers: { connection: "close" } })).text(), "two");
    }
  });
});

describe("reload", () => {
  test("by SIGHUP under load loses no request", limit, async (t) => {
    const server = await startServer(t, async (_request, response) => {
      await pause(5);
      response.end("ok");
    });
    const proxy = await startProxy(t, configOf([server.url]));
    const load = { isOver: false };
    const outcomes: string[] = [];
    const clients = Array.from({ length: 8 }, async () => {
      while (!load.isOver) outcomes.push(await textOf(proxy.url).catch(String));
    });
    for (let round = 1; round <= 5; round++) {
      await proxy.configure(configOf([server.url], { shutdown: { drain: `${round}m` } }));
      proxy.signal("SIGHUP");
      await eventually(() => proxy.logs().includes(`reloaded version=${round + 1}`));
    }
    load.isOver = true;
    await Promise.all(clients);
    assert.ok(outcomes.length > 20, `${outcomes.length} requests`);
    assert.deepEqual(
      outcomes.filter((text) => text !== "ok"),
      [],
    );
  });

  test("of an invalid file changes nothing and says all that is wrong", limit, async (t) => {
    const proxy = await startProxy(t, answerWith("one"));
    await proxy.configure("routes:\n  - path: /*\n    nonsense: 1\nworkers: many\n");
    proxy.signal("SIGHUP");
    await eventually(() => proxy.logs().includes("reload refused"));
    assert.match(proxy.logs(), /error .*config\.yaml:3:5 .*nonsense/);
    assert.match(proxy.logs(), /error .*config\.yaml:4:\d+ +workers/);
    assert.equal(await textOf(proxy.url), "one");
    const response = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    const { errors } = (await response.json()) as { errors: { line: number; path: string }[] };
    assert.equal(response.status, 422);
    assert.ok(
      errors.some(({ line, path }) => line === 3 && path === "routes[0].nonsense"),
      JSON.stringify(errors),
    );
  });

  test("onto a port in use changes nothing", limit, async (t) => {
    const { port } = await startServer(t);
    const proxy = await startProxy(t, answerWith("one"));
    const listeners = { web: { bind: "127.0.0.1:0" }, more: { bind: `127.0.0.1:${port}` } };
    await proxy.configure({ ...answerWith("two"), listeners });
    const response = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    assert.match(
      JSON.stringify(await response.json()),
      /Cannot listen on 127\.0\.0\.1:\d+ \(listener \\"more\\"\)/,
    );
    assert.equal(await textOf(proxy.url), "one");
  });

  test("keeps what is known of the servers that stay", limit, async (t) => {
    const [a, b, c] = [await startServer(t), await startServer(t), await startServer(t)];
    const proxy = await startProxy(t, configOf([a.url, b.url]));
    for (let count = 0; count < 6; count++) await textOf(proxy.url);
    await proxy.configure(configOf([b.url, c.url]));
    await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    const servers = (await statusOf(proxy)).upstreams[0]?.servers.map(({ name, requests }) => [
      name,
      requests,
    ]);
    assert.deepEqual(servers, [
      [`127.0.0.1:${b.port}`, 3],
      [`127.0.0.1:${c.port}`, 0],
    ]);
  });

  test("opens and closes listeners, and keeps the others as they are", limit, async (t) => {
    const proxy = await startProxy(t, answerWith("one"));
    await proxy.configure({
      ...answerWith("two"),
      listeners: { web: { bind: "127.0.0.1:0" }, more: { bind: "127.0.0.1:0" } },
    });
    proxy.signal("SIGHUP");
    await eventually(() => proxy.logs().includes("reloaded version=2"));
    const [, url = ""] = / info listening listener=more url=(\S+)/.exec(proxy.logs()) ?? [];
    assert.equal(await textOf(url), "two");
    assert.equal(await textOf(proxy.url), "two");
    await proxy.configure(answerWith("three"));
    proxy.signal("SIGHUP");
    await eventually(() => proxy.logs().includes("reloaded version=3"));
    assert.equal(await textOf(proxy.url), "three");
    await assert.rejects(fetch(url));
  });

  test("comes by itself with --watch", limit, async (t) => {
    const proxy = await startProxy(t, answerWith("one"), { args: ["--watch"] });
    await proxy.configure(answerWith("two"));
    await eventually(async () => assert.equal(await textOf(proxy.url), "two"));
    await proxy.configure("nonsense: 1\n");
    await eventually(() => proxy.logs().includes("reload refused"));
    assert.equal(await textOf(proxy.url), "two");
    await proxy.configure(answerWith("three"));
    await eventually(async () => assert.equal(await textOf(proxy.url), "three"));
  });
});

describe("shutdown", () => {
  test("lets a slow request end, accepts no new one, and exits with 0", limit, async (t) => {
    const server = await startServer(t, async (_request, response) => {
      await pause(1_000);
      response.end("slow but whole");
    });
    const proxy = await startProxy(t, configOf([server.url]));
    const slow = textOf(proxy.url);
    await eventually(() => server.count() === 1);
    proxy.signal("SIGTERM");
    await eventually(() => proxy.logs().includes("stopping"));
    assert.equal((await fetch(`${proxy.adminUrl}/readyz`)).status, 503);
    await eventually(() => assert.rejects(openSocket(proxy.port)));
    assert.equal(await slow, "slow but whole");
    assert.equal(await proxy.exited, 0);
  });

  test("refuses to reload meanwhile", limit, async (t) => {
    const proxy = await startProxy(t, { ...answerWith("hi"), shutdown: { grace: "800ms" } });
    await proxy.configure(answerWith("ho"));
    proxy.signal("SIGTERM");
    await eventually(() => proxy.logs().includes("stopping"));
    assert.equal((await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status, 422);
    assert.equal(await textOf(proxy.url), "hi");
    assert.equal(await proxy.exited, 0);
  });

  test("goes on accepting for the grace, not ready any more", limit, async (t) => {
    const proxy = await startProxy(t, { ...answerWith("hi"), shutdown: { grace: "600ms" } });
    proxy.signal("SIGTERM");
    await eventually(async () => (await fetch(`${proxy.adminUrl}/readyz`)).status === 503);
    assert.equal(await textOf(proxy.url), "hi");
    assert.equal(await proxy.exited, 0);
  });

  for (const workers of [1, 2]) {
    test(`asks clients to come back elsewhere meanwhile, with ${workers} workers`, limit, async (t) => {
      const shutdown = { grace: "2s" };
      const proxy = await startProxy(t, { ...answerWith("hi"), workers, shutdown });
      const talk = await openTalk(t, proxy.port);
      await talk.write(get);
      const first = await takeHead(talk);
      assert.equal(await takeBody(talk, first), "hi");
      assert.notEqual(first.get("connection"), "close");
      proxy.signal("SIGTERM");
      await eventually(() => proxy.logs().includes("stopping"));
      await talk.write(get);
      const head = await takeHead(talk);
      assert.deepEqual([head.start, head.get("connection")], ["HTTP/1.1 200 OK", "close"]);
      assert.equal(await textOf(proxy.url), "hi", "on another connection");
      proxy.signal("SIGTERM");
    });
  }

  test("cuts what does not end in time, and exits with 0 all the same", limit, async (t) => {
    const server = await startServer(t, () => {});
    const proxy = await startProxy(t, configOf([server.url], { shutdown: { drain: "300ms" } }));
    const endless = textOf(proxy.url).catch(() => "cut");
    await eventually(() => server.count() === 1);
    assert.equal(await proxy.stop(), 0);
    assert.equal(await endless, "cut");
    assert.match(proxy.logs(), /warn the time to drain is over, cutting what is still open exchanges=1/);
  });

  test("ends at once on a second signal", limit, async (t) => {
    const server = await startServer(t, () => {});
    const proxy = await startProxy(t, configOf([server.url]));
    const endless = textOf(proxy.url).catch(() => "cut");
    await eventually(() => server.count() === 1);
    proxy.signal("SIGTERM");
    await eventually(() => proxy.logs().includes("stopping"));
    const startedMs = performance.now();
    proxy.signal("SIGTERM");
    assert.equal(await proxy.exited, 1);
    assert.ok(performance.now() - startedMs < 2_000);
    assert.equal(await endless, "cut");
  });

  test("ends several workers too", limit, async (t) => {
    const server = await startServer(t, async (_request, response) => {
      await pause(500);
      response.end("whole");
    });
    const proxy = await startProxy(t, configOf([server.url], { workers: 2 }));
    const slow = Array.from({ length: 6 }, () => textOf(proxy.url));
    await eventually(() => server.count() === 6);
    assert.equal(await proxy.stop(), 0);
    assert.deepEqual(
      await Promise.all(slow),
      Array.from({ length: 6 }, () => "whole"),
    );
  });
});
