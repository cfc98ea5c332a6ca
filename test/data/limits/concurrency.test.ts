import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { openSocket } from "../../kit/raw-request.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

/** A server that answers when it is told to. */
async function startGated(t: Teardown) {
  const waiting: (() => void)[] = [];
  const { url } = await startServer(t, (_, response) => {
    waiting.push(() => response.setHeader("content-type", "text/plain").end("ok"));
  });
  const release = () => {
    for (const go of waiting.splice(0)) go();
  };
  return { url, waiting, release };
}

const trusting = { listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } } };

describe("a limit of what is under way", () => {
  test("of one client answers 429, and lets go with the last byte", async (t) => {
    const server = await startGated(t);
    const limits = { concurrency: { perClient: 2 } };
    const { url, settled } = await startPlaneFor(t, { ...trusting, ...proxyTo([server.url]), limits });
    const from = (client: string) => fetch(url, { headers: { "x-forwarded-for": client } });
    for (let round = 0; round < 3; round++) {
      const two = [from("10.0.0.1"), from("10.0.0.1")];
      await eventually(() => server.waiting.length === 2);
      const refused = await from("10.0.0.1");
      assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "1"]);
      await refused.arrayBuffer();
      const other = from("10.0.0.2");
      await eventually(() => server.waiting.length === 3);
      server.release();
      for (const answer of await Promise.all([...two, other])) assert.equal(await answer.text(), "ok");
      await settled(4 * (round + 1));
    }
  });

  test("in all answers 503, over every route; a route's own holds beside it", async (t) => {
    const server = await startGated(t);
    const { upstreams } = proxyTo([server.url]);
    const routes = [
      { path: "/own", upstream: "app", limits: { concurrency: { total: 1 } } },
      { path: "/*", upstream: "app" },
    ];
    const config = { ...trusting, upstreams, routes, limits: { concurrency: { total: 2 } } };
    const { url, settled } = await startPlaneFor(t, config);
    const first = fetch(`${url}/own`);
    await eventually(() => server.waiting.length === 1);
    assert.equal((await fetch(`${url}/own`)).status, 503);
    const second = fetch(`${url}/else`);
    await eventually(() => server.waiting.length === 2);
    const refused = await fetch(`${url}/more`);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.match(refused.headers.get("proxy-status") ?? "", /connection_limit_reached/);
    server.release();
    assert.deepEqual([(await first).status, (await second).status], [200, 200]);
    await settled(4);
  });

  test("is let go when the client leaves", async (t) => {
    const server = await startGated(t);
    const { port, settled } = await startPlaneFor(t, {
      ...proxyTo([server.url]),
      limits: { concurrency: { perClient: 1, total: 1 } },
    });
    for (let round = 1; round <= 3; round++) {
      const socket = await openSocket(port);
      socket.write("GET / HTTP/1.1\r\nHost: site.test\r\n\r\n");
      await eventually(() => server.waiting.length === round);
      socket.destroy();
      const lines = await settled(round);
      assert.equal(lines.at(-1)?.status, 499);
    }
  });

  test("takes nothing from a rate where it refuses", async (t) => {
    const server = await startGated(t);
    const limits = { concurrency: { total: 1 }, rate: [{ key: "client-ip", rate: "2/m" }] };
    const { url } = await startPlaneFor(t, { ...proxyTo([server.url]), limits });
    const first = fetch(url);
    await eventually(() => server.waiting.length === 1);
    for (let n = 0; n < 5; n++) assert.equal((await fetch(url)).status, 503);
    server.release();
    assert.equal((await first).status, 200);
    const last = fetch(url);
    await eventually(() => server.waiting.length === 1);
    server.release();
    assert.equal((await last).status, 200);
  });
});
