import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";

describe("A proxy in a process of its own", () => {
  test("asks its servers itself, whatever proxy the environment names", async (t) => {
    const server = await startServer(t);
    const wrong = `http://127.0.0.1:${await freePort()}`;
    const env = { HTTP_PROXY: wrong, http_proxy: wrong, HTTPS_PROXY: wrong, ALL_PROXY: wrong, NO_PROXY: "" };
    const proxy = await startProxy(t, proxyTo([server.url]), { env });
    const response = await fetch(proxy.url);
    assert.equal(response.status, 200);
    assert.equal(server.count(), 1);
  });

  test("answers for one server while 300 requests hang in another", { timeout: 20_000 }, async (t) => {
    const hung = await startTalkServer(t, () => {});
    const well = await startServer(t);
    const proxy = await startProxy(t, {
      upstreams: { hung: { servers: [hung.url] }, well: { servers: [well.url] } },
      routes: [
        { path: "/hung", upstream: "hung" },
        { path: "/*", upstream: "well" },
      ],
    });
    for (let count = 0; count < 300; count++) {
      const client = await openTalk(t, proxy.port);
      void client.write("GET /hung HTTP/1.1\r\nHost: a.test\r\n\r\n");
    }
    await eventually(() => hung.count() >= 300, 10_000);
    const client = await openTalk(t, proxy.port);
    await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert.match((await takeHead(client)).start, / 200 /);
  });

  test("writes nothing to its log for an answer that broke off", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500000\r\n\r\nfirst");
      talk.reset();
    });
    const proxy = await startProxy(t, proxyTo([server.url], { retry: { attempts: 0 } }));
    const before = proxy.logs();
    const client = await openTalk(t, proxy.port);
    await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await client.closed;
    await eventually(() => /"broken":"http_response_incomplete"/.test(proxy.output()));
    assert.equal(proxy.logs(), before);
  });
});
