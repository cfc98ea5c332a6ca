import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { createGate } from "../kit/gate.ts";
import type { Gate } from "../kit/gate.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import { openTalk } from "../kit/talk.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask, askMany, times } from "./ask.ts";
import { ok, startCounting } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";

/** A proxy before one server that takes one request at a time and holds each until its gate opens. */
async function startNarrow(
  t: Teardown,
  upstream: Readonly<Record<string, unknown>>,
): Promise<{ plane: TestPlane; server: CountingServer; gates: Map<string, Gate> }> {
  const gates = new Map<string, Gate>();
  const reply: Reply = async (talk, request) => {
    const gate = createGate();
    gates.set(request.id, gate);
    await gate.opened;
    await ok(request.id)(talk, request);
  };
  const server = await startCounting(t, reply);
  const servers = [{ url: server.url, name: "narrow", maxConnections: 1 }];
  return { plane: await startPlaneFor(t, proxyTo(servers, upstream)), server, gates };
}

describe("a full upstream", () => {
  test("refuses at once where no queue is configured", async (t) => {
    const { plane, gates } = await startNarrow(t, {});
    const first = ask(plane.port, { fields: { "x-id": "a" } });
    await eventually(() => gates.has("a"));
    const refused = await ask(plane.port);
    assert.deepEqual([refused.status, refused.head.get("retry-after")], [503, "1"]);
    assert.match(refused.head.get("proxy-status") ?? "", /connection_limit_reached/);
    gates.get("a")?.open();
    assert.equal((await first).status, 200);
  });

  test("serves those who wait in the order in which they came", async (t) => {
    const { plane, gates, server } = await startNarrow(t, { queue: { size: 10, timeout: "4s" } });
    const ids = ["a", "b", "c", "d", "e"];
    const answers: Promise<string>[] = [];
    for (const [at, id] of ids.entries()) {
      answers.push(ask(plane.port, { fields: { "x-id": id } }).then(({ body }) => body));
      await eventually(() => plane.board.exchanges() === at + 1);
    }
    for (const id of ids) (await eventually(() => gates.get(id) ?? false)).open();
    assert.deepEqual(await Promise.all(answers), ids);
    assert.deepEqual(
      server.seen.map((request) => request.id),
      ids,
    );
    assert.equal(server.mostAtOnce(), 1);
  });

  test("refuses whom the queue has no place for, and whose time is up", async (t) => {
    const { plane, gates, server } = await startNarrow(t, { queue: { size: 1, timeout: "300ms" } });
    const first = ask(plane.port, { fields: { "x-id": "a" } });
    await eventually(() => gates.has("a"));
    const waiting = ask(plane.port, { fields: { "x-id": "b" } });
    await eventually(() => plane.board.exchanges() === 2);
    const startedMs = performance.now();
    const refused = await ask(plane.port);
    assert.deepEqual([refused.status, refused.head.get("retry-after")], [503, "1"]);
    const late = await waiting;
    assert.ok(performance.now() - startedMs < 2_000);
    assert.deepEqual([late.status, late.head.get("retry-after")], [503, "1"]);
    gates.get("a")?.open();
    assert.equal((await first).status, 200);
    assert.deepEqual([server.times("b"), server.count()], [0, 1]);
    await plane.settled(3);
    assert.equal(plane.counts().inflight, 0);
  });

  test("lets nobody wait longer than the whole exchange may take", async (t) => {
    const { plane, gates } = await startNarrow(t, {
      queue: { size: 1, timeout: "1m" },
      timeouts: { total: "300ms" },
    });
    void ask(plane.port, { fields: { "x-id": "a" } });
    await eventually(() => gates.has("a"));
    assert.ok((await ask(plane.port)).status >= 503);
  });

  test("forgets a client that leaves the queue", async (t) => {
    const { plane, gates, server } = await startNarrow(t, { queue: { size: 2, timeout: "4s" } });
    const first = ask(plane.port, { fields: { "x-id": "a" } });
    await eventually(() => gates.has("a"));
    const leaver = await openTalk(t, plane.port);
    await leaver.write("GET / HTTP/1.1\r\nhost: site.test\r\nx-id: b\r\n\r\n");
    await eventually(() => plane.board.exchanges() === 2);
    leaver.reset();
    await eventually(() => plane.board.exchanges() === 1);
    const next = ask(plane.port, { fields: { "x-id": "c" } });
    gates.get("a")?.open();
    await first;
    (await eventually(() => gates.get("c") ?? false)).open();
    assert.equal((await next).body, "c");
    assert.equal(server.times("b"), 0);
  });

  test("serves a crowd without ever passing the limit of a server", async (t) => {
    const servers = [await startCounting(t), await startCounting(t)];
    const plane = await startPlaneFor(
      t,
      proxyTo(
        servers.map(({ url }) => ({ url, maxConnections: 2 })),
        { balance: "least-connections", queue: { size: 100, timeout: "4s" } },
      ),
    );
    const answers = await askMany(t, plane.port, { connections: 24, questions: times(400) });
    assert.ok(answers.every(({ status }) => status === 200));
    for (const server of servers) assert.ok(server.mostAtOnce() <= 2);
    await plane.settled(400);
  });
});
