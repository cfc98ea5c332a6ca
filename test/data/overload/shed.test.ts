import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk, takeBody, takeHead } from "../../kit/talk.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const ok = { routes: [{ path: "/*", respond: { body: "ok" } }] };
const early = { shed: { enabled: true, maxLag: "200ms" } };

/** Keeps the event loop from turning, as a regular expression gone wild would. */
function block(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

describe("A worker whose event loop was blocked", () => {
  test("refuses what came in meanwhile, and answers again when it has caught up", async (t) => {
    const { url, port, board } = await startPlaneFor(t, { ...ok, limits: early });
    assert.equal((await fetch(url)).status, 200);
    const client = await openTalk(t, port);
    await client.write(GET);
    block(600);
    const head = await takeHead(client);
    assert.match(head.start, / 503 /);
    assert.equal(head.get("retry-after"), "2");
    assert.match(head.get("proxy-status") ?? "", /error=connection_limit_reached/);
    await takeBody(client, head);
    assert.equal(board.counter(refusalCounter("shed")), 1);
    await eventually(async () => {
      await client.write(GET);
      const later = await takeHead(client);
      await takeBody(client, later);
      return later.start.includes(" 200 ");
    });
  });

  test("goes on with what was under way before", async (t) => {
    const { opened, open } = createGate();
    const server = await startServer(t, async (_request, response) => {
      await opened;
      response.setHeader("content-type", "text/plain");
      response.end("late");
    });
    const { port } = await startPlaneFor(t, { ...proxyTo([server.url]), limits: early });
    const client = await openTalk(t, port);
    await client.write(GET);
    await eventually(() => server.count() === 1);
    block(600);
    open();
    const head = await takeHead(client);
    assert.match(head.start, / 200 /);
    assert.equal(await takeBody(client, head), "late");
  });

  test("refuses nobody where shedding is off, on the route or everywhere, and nobody who is exempt", async (t) => {
    const off = { shed: { enabled: false } };
    for (const config of [
      { ...ok, limits: off },
      { routes: [{ path: "/*", respond: { body: "ok" }, limits: off }], limits: early },
      { ...ok, limits: { ...early, exempt: ["127.0.0.0/8"] } },
    ]) {
      const { url, port } = await startPlaneFor(t, config);
      assert.equal((await fetch(url)).status, 200);
      const client = await openTalk(t, port);
      await client.write(GET);
      block(600);
      assert.match((await takeHead(client)).start, / 200 /);
    }
  });

  test("refuses nobody for the time in which it slept", async (t) => {
    const { url, board } = await startPlaneFor(t, { ...ok, limits: early });
    assert.equal((await fetch(url)).status, 200);
    await pause(2_600);
    assert.ok(board.sinceBeatMs(0, Date.now()) > 200, "the worker does not sleep");
    assert.equal((await fetch(url)).status, 200);
  });
});

test("A process that hung sheds once, while its admin answers", async (t) => {
  const proxy = await startProxy(t, { ...ok, limits: { shed: { maxLag: "300ms" } }, storage: "off" });
  assert.equal((await fetch(proxy.url)).status, 200);
  proxy.signal("SIGSTOP");
  const waiting = fetch(proxy.url);
  const admin = fetch(`${proxy.adminUrl}/readyz`);
  await pause(1_000);
  proxy.signal("SIGCONT");
  assert.equal((await waiting).status, 503);
  assert.equal((await admin).status, 200);
  await eventually(async () => (await fetch(proxy.url)).status === 200);
});
