import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import type { TestServer } from "../../kit/start-server.ts";
import { startTalkServer, takeHead } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

function answering(t: Teardown, status: number, body: string): Promise<TestServer> {
  return startServer(t, (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "text/plain" }).end(body);
  });
}

const nobody = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;

describe("A retry", () => {
  test("follows a 503 of a GET with the next server's answer", async (t) => {
    const busy = await answering(t, 503, "busy");
    const well = await answering(t, 200, "well");
    const plane = await startPlaneFor(t, proxyTo([busy.url, well.url]));
    for (let round = 0; round < 4; round++) {
      const response = await fetch(plane.url);
      assert.equal(await response.text(), "well");
    }
    await plane.settled(4);
    const name = busy.url.slice(7);
    const other = well.url.slice(7);
    assert.equal(plane.counts(name).statuses["5xx"], busy.count());
    assert.equal(plane.counts(name).errors, busy.count());
    assert.equal(plane.counts(other).statuses["2xx"], 4);
    assert.equal(plane.counts(other).retries, busy.count());
    assert.equal(plane.counts(name).inflight + plane.counts(other).inflight, 0);
  });

  test("that ends in a 503 too gives the client the last server's own answer", async (t) => {
    const first = await answering(t, 503, "busy");
    const second = await answering(t, 503, "busy");
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url]));
    const response = await fetch(plane.url);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "busy");
    assert.equal(response.headers.get("proxy-status"), null);
    assert.deepEqual([first.count(), second.count()], [1, 1]);
  });

  test("does not follow a 503 of a POST, nor a status that is not listed", async (t) => {
    const first = await answering(t, 503, "busy");
    const second = await answering(t, 500, "broken");
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url]));
    for (let round = 0; round < 4; round++) await fetch(plane.url, { method: "POST", body: "x" });
    assert.equal(first.count() + second.count(), 4);
    const only = await startPlaneFor(t, proxyTo([second.url, second.url.replace("127.0.0.1", "localhost")]));
    assert.equal((await fetch(only.url)).status, 500);
    assert.equal(second.count(), 3);
  });

  test("follows any status that is listed", async (t) => {
    const missing = await answering(t, 404, "missing");
    const well = await answering(t, 200, "well");
    const plane = await startPlaneFor(t, proxyTo([missing.url, well.url], { retry: { on: [404] } }));
    for (let round = 0; round < 4; round++) assert.equal(await (await fetch(plane.url)).text(), "well");
  });

  test("asks each server once, and no server twice while another is left", async (t) => {
    const servers = await Promise.all([1, 2, 3].map(() => answering(t, 503, "busy")));
    const plane = await startPlaneFor(
      t,
      proxyTo(
        servers.map(({ url }) => url),
        { retry: { attempts: 5 } },
      ),
    );
    assert.equal((await fetch(plane.url)).status, 503);
    assert.deepEqual(
      servers.map(({ count }) => count()),
      [1, 1, 1],
    );
    const [line] = await plane.settled();
    assert.equal(line?.attempts?.length, 3);
    assert.equal(new Set(line?.attempts?.map(({ server }) => server)).size, 3);
  });

  for (const [fault, how] of [
    ["http_response_incomplete", "breaks off"],
    ["connection_read_timeout", "falls silent"],
  ] as const) {
    test(`follows a short body that ${how}, since nothing of it was sent`, async (t) => {
      const ill = await startTalkServer(t, async (talk) => {
        await takeHead(talk);
        await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nfirst");
        if (how === "breaks off") talk.end();
      });
      const well = await answering(t, 200, "well");
      const plane = await startPlaneFor(t, proxyTo([ill.url, well.url], { timeouts: { idle: "100ms" } }));
      for (let round = 0; round < 2; round++) assert.equal(await (await fetch(plane.url)).text(), "well");
      const lines = await plane.settled(2);
      assert.ok(lines.some(({ attempts }) => attempts?.[0]?.outcome === fault));
      assert.equal(plane.counts(ill.url.slice(7)).errors, 1);
      assert.equal(plane.counts(ill.url.slice(7)).inflight, 0);
    });
  }

  test("makes as many extra attempts as configured", async (t) => {
    const servers = await Promise.all([1, 2, 3].map(() => answering(t, 503, "busy")));
    for (const attempts of [0, 1, 2]) {
      const plane = await startPlaneFor(
        t,
        proxyTo(
          servers.map(({ url }) => url),
          { retry: { attempts } },
        ),
      );
      const before = servers.reduce((sum, { count }) => sum + count(), 0);
      await fetch(plane.url);
      assert.equal(servers.reduce((sum, { count }) => sum + count(), 0) - before, attempts + 1);
    }
  });

  test("that finds nobody ends in a 502 that says so", async (t) => {
    const plane = await startPlaneFor(t, proxyTo([await nobody(), await nobody()]));
    const response = await fetch(plane.url, { method: "POST", body: "x" });
    assert.equal(response.status, 502);
    assert.match(response.headers.get("proxy-status") ?? "", /error=connection_refused/);
    assert.doesNotMatch(await response.text(), /127\.0\.0\.1/);
    const [line] = await plane.settled();
    assert.deepEqual(
      line?.attempts?.map(({ outcome }) => outcome),
      ["connection_refused", "connection_refused"],
    );
  });

  test("follows a name that does not resolve", async (t) => {
    const well = await answering(t, 200, "well");
    const plane = await startPlaneFor(t, proxyTo(["http://does-not-exist.invalid:80", well.url]));
    for (let round = 0; round < 2; round++) assert.equal(await (await fetch(plane.url)).text(), "well");
    const lines = await plane.settled(2);
    assert.ok(lines.some(({ attempts }) => attempts?.[0]?.outcome === "dns_error"));
  });
});
