import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk, takeBody, takeHead } from "../../kit/talk.ts";

describe("The access log", () => {
  test("says as JSON who asked for what, who answered, and how long it took", async (t) => {
    const server = await startServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    const fields =
      'User-Agent: test "1"\r\nReferer: http://b.test/\r\nAuthorization: Bearer secret-1\r\nCookie: s=secret-2\r\n';
    await client.write(
      `POST /a/../b%20c?q=1 HTTP/1.1\r\nHost: a.test\r\n${fields}Content-Length: 3\r\n\r\nabc`,
    );
    await takeBody(client, await takeHead(client));
    const [line] = (await plane.settled()) as unknown as readonly Record<string, unknown>[];
    const { time, id, durationMs, headersMs, attempts, ...rest } = line ?? {};
    assert.deepEqual(rest, {
      listener: "web",
      client: "127.0.0.1",
      method: "POST",
      scheme: "http",
      host: "a.test",
      path: "/b%20c",
      query: "?q=1",
      status: 200,
      route: "all",
      upstream: "app",
      bytesIn: 3,
      bytesOut: 2,
      userAgent: 'test "1"',
      referer: "http://b.test/",
    });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(String(id), /^[\da-f]{32}$/);
    assert.ok(Number(headersMs) > 0 && Number(durationMs) >= Number(headersMs));
    const [attempt] = attempts as { server: string; outcome: number; ms: number }[];
    assert.deepEqual([attempt?.server, attempt?.outcome], [server.url.slice(7), 200]);
    assert.doesNotMatch(await plane.logText(), /secret/);
  });

  test("lists every attempt, and names our own errors", async (t) => {
    const plane = await startPlaneFor(t, proxyTo([`http://127.0.0.1:${await freePort()}`]));
    await (await fetch(plane.url)).text();
    await (await fetch(`${plane.url}/%00`)).text();
    const lines = await plane.settled(2);
    assert.deepEqual(
      lines.map(({ status, error }) => [status, error]),
      [
        [502, "connection_refused"],
        [400, "http_request_error"],
      ],
    );
    assert.deepEqual(
      lines[0]?.attempts?.map(({ outcome }) => outcome),
      ["connection_refused"],
    );
    assert.ok((lines[0]?.bytesOut ?? 0) > 0, "our own error page has bytes too");
  });

  test("has the combined form, and no field of the client's ends it", async (t) => {
    const server = await startServer(t);
    const file = join(tmpdir(), `headgate-combined-${process.pid}-${performance.now()}.log`);
    const plane = await startPlaneFor(t, {
      ...proxyTo([server.url]),
      accessLog: { format: "combined", output: file },
    });
    const client = await openTalk(t, plane.port);
    await client.write('GET /x?y HTTP/1.1\r\nHost: a.test\r\nUser-Agent: a" 200 "b\\\r\n\r\n');
    await takeBody(client, await takeHead(client));
    const text = await eventually(async () => {
      const found = await readFile(file, "utf8");
      return found.endsWith("\n") && found;
    });
    assert.match(
      text,
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/x\?y HTTP\/1\.1" 200 2 "-" "a\\x22 200 \\x22b\\x5c"\n$/,
    );
  });

  test("counts the lines that its file does not take, and says why", async (t) => {
    const proxy = await startProxy(t, {
      workers: 2,
      storage: false,
      accessLog: { output: "/dev/full" },
      routes: [{ path: "/*", respond: { body: "hi" } }],
    });
    for (let i = 0; i < 20; i++) await (await fetch(proxy.url)).text();
    await eventually(async () => {
      const metrics = await (await fetch(`${proxy.adminUrl}/metrics`)).text();
      assert.match(metrics, /^headgate_access_log_lost_lines_total 20$/m);
    });
    assert.match(proxy.logs(), /error Cannot write the access log "\/dev\/full": ENOSPC; lines lost: \d+/);
    assert.equal(await proxy.stop(), 0);
  });
});
