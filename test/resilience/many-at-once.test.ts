import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { openSocket } from "../kit/raw-request.ts";
import { startProxy } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";

const many = 400;

test(
  `${many} requests under way at once all reach their server, and keep none from another`,
  { timeout: 30_000 },
  async (t) => {
    const held: (() => void)[] = [];
    const slow = await startServer(t, (_request, response) => held.push(() => response.end("slow")));
    const quick = await startServer(t, (_request, response) => response.end("quick"));
    const proxy = await startProxy(t, {
      upstreams: { slow: { servers: [slow.url] }, quick: { servers: [quick.url] } },
      routes: [
        { path: "/slow", upstream: "slow" },
        { path: "/*", upstream: "quick" },
      ],
    });
    // `fetch` on Bun has 256 requests under way at most, the test's own too: the clients are bare connections.
    const clients = await Promise.all(Array.from({ length: many }, () => openSocket(proxy.port)));
    t.after(() => clients.forEach((client) => client.destroy()));
    const answers = clients.map(readSome);
    for (const client of clients) client.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually(() => assert.equal(held.length, many), 10_000);
    assert.equal(await (await fetch(proxy.url)).text(), "quick");
    for (const end of held) end();
    for (const answer of answers) assert.match(await answer, /^HTTP\/1\.1 200 /);
  },
);

/** The first bytes that come. */
function readSome(socket: Awaited<ReturnType<typeof openSocket>>): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (bytes) => resolve(bytes.toString()));
  });
}
