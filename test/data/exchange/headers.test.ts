import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { proxyTo } from "../../kit/proxy-to.ts";
import { startRecordingServer } from "../../kit/record.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { openTalk, takeHead } from "../../kit/talk.ts";
import type { Head } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

const trusting = { listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.0/8"] } } };

async function ask(t: Teardown, plane: TestPlane, fields = "Host: a.test\r\n"): Promise<Head> {
  const client = await openTalk(t, plane.port);
  await client.write(
    `GET /x HTTP/1.1\r\n${fields.startsWith("Host:") ? "" : "Host: a.test\r\n"}${fields}\r\n`,
  );
  return takeHead(client);
}

describe("What the server is told", () => {
  test("who the client is, as we saw it", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    await ask(t, plane, `Host: a.test:${plane.port}\r\n`);
    const head = server.last();
    assert.equal(head.get("x-forwarded-for"), "127.0.0.1");
    assert.equal(head.get("x-real-ip"), "127.0.0.1");
    assert.equal(head.get("x-forwarded-proto"), "http");
    assert.equal(head.get("x-forwarded-host"), `a.test:${plane.port}`);
    assert.equal(head.get("x-forwarded-port"), String(plane.port));
    assert.equal(head.get("host"), `a.test:${plane.port}`);
    assert.equal(head.get("via"), "1.1 headgate");
    assert.match(head.get("x-request-id") ?? "", /^[\da-f]{32}$/);
  });

  test("nothing that a client forged", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const names = [
      "X-Forwarded-For",
      "X-Real-IP",
      "X-Forwarded-Proto",
      "X-Forwarded-Host",
      "X-Forwarded-Port",
    ];
    const aliases = ["X_Forwarded_For", "X.Forwarded.For", "X_Real_IP", "x_forwarded_proto"];
    const forged = [...names, ...aliases, "X-Request-Id", "Forwarded", "X-Forwarded-Server"];
    await ask(t, plane, forged.map((name) => `${name}: for=6.6.6.6\r\n`).join(""));
    const head = server.last();
    const text = JSON.stringify(head.fields);
    assert.doesNotMatch(text, /6\.6\.6\.6/);
    assert.equal(head.all("x-forwarded-for").length, 1);
  });

  test("the chain that a trusted proxy tells, continued, and its request id", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, { ...trusting, ...proxyTo([server.url]) });
    const fields = [
      "X-Forwarded-For: 6.6.6.6, 9.9.9.9",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: b.test",
      "X-Request-Id: from-outside-1",
    ];
    await ask(t, plane, `${fields.join("\r\n")}\r\n`);
    const head = server.last();
    assert.equal(head.get("x-forwarded-for"), "6.6.6.6, 9.9.9.9, 127.0.0.1");
    assert.equal(head.get("x-real-ip"), "9.9.9.9");
    assert.equal(head.get("x-forwarded-proto"), "https");
    assert.equal(head.get("x-request-id"), "from-outside-1");
    const [line] = await plane.settled();
    assert.equal(line?.client, "9.9.9.9");
  });

  test("no field that belongs to one connection, and none that Connection names", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const fields = [
      "Connection: keep-alive, X-Nominated, Authorization, x-forwarded-for, Cookie",
      "X-Nominated: 1",
      "Keep-Alive: timeout=5",
      "TE: trailers",
      "Trailer: x",
      "Proxy-Connection: keep-alive",
      "Proxy-Authorization: Basic x",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
      "Authorization: Bearer kept",
      "Cookie: a=1",
    ];
    await ask(t, plane, `${fields.join("\r\n")}\r\n`);
    const head = server.last();
    const dropped = [
      "x-nominated",
      "keep-alive",
      "te",
      "trailer",
      "proxy-connection",
      "proxy-authorization",
      "upgrade",
    ];
    for (const name of [...dropped, "http2-settings"]) assert.equal(head.get(name), undefined, name);
    assert.ok(["keep-alive", undefined].includes(head.get("connection")));
    assert.equal(head.get("authorization"), "Bearer kept");
    assert.equal(head.get("cookie"), "a=1");
    assert.equal(head.get("x-forwarded-for"), "127.0.0.1");
  });

  test("the host that a trusted proxy was asked for, and that routes go by", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      ...proxyTo([server.url]),
      listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.0/8"] } },
    });
    await ask(t, plane, "X-Forwarded-Host: shop.test\r\nX-Forwarded-Proto: https\r\n");
    assert.equal(server.last().get("x-forwarded-host"), "shop.test");
    assert.equal(server.last().get("x-forwarded-proto"), "https");
    assert.equal(server.last().get("host"), "a.test");
  });

  test("no Expect: we have answered it already", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    await client.write(
      "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    );
    await client.take("HTTP/1.1 200");
    assert.equal(server.last().get("expect"), undefined);
  });

  for (const [mode, expected] of [
    ["preserve", "a.test"],
    ["upstream", undefined],
    ["c.test", "c.test"],
  ] as const) {
    test(`the Host that hostHeader: ${mode} says`, async (t) => {
      const server = await startRecordingServer(t);
      const plane = await startPlaneFor(t, proxyTo([server.url], { hostHeader: mode }));
      await ask(t, plane);
      assert.deepEqual(server.last().all("host"), [expected ?? server.url.slice(7)]);
      assert.equal(server.last().get("x-forwarded-host"), "a.test");
    });
  }

  test("the user of its own URL, whoever the client says to be", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url.replace("//", "//user:pass@")]));
    await ask(t, plane, "Authorization: Bearer forged\r\n");
    assert.equal(server.last().get("authorization"), `Basic ${btoa("user:pass")}`);
    assert.doesNotMatch(await plane.logText(), /pass/);
  });

  test("the same bytes of a field, not only letters", async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    await ask(t, plane, "X-Bytes: \u00e9\u00c3\u00a9 \u00ff\r\nX-Empty:\r\n");
    assert.equal(server.last().get("x-bytes"), "\u00e9\u00c3\u00a9 \u00ff");
    assert.equal(server.last().get("x-empty"), "");
  });
});

describe("What the client is told", () => {
  test("no field that belongs to the server's connection", async (t) => {
    const fields = [
      "Connection: keep-alive, X-Secret",
      "X-Secret: 1",
      "Keep-Alive: timeout=5",
      "Proxy-Authenticate: Basic",
      'Alt-Svc: h3=":443"',
      "X-Kept: 1",
    ];
    const server = await startRecordingServer(t, `${fields.join("\r\n")}\r\n`);
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const head = await ask(t, plane);
    for (const name of ["x-secret", "keep-alive", "proxy-authenticate", "alt-svc"]) {
      assert.equal(head.get(name), undefined, name);
    }
    assert.equal(head.get("x-kept"), "1");
    assert.match(head.get("via") ?? "", /1\.1 headgate$/);
  });

  test("a server that closes its connection does not close the client's", async (t) => {
    const server = await startRecordingServer(t, "Connection: close\r\n");
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    for (const _ of [0, 1]) {
      await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      const head = await takeHead(client);
      assert.notEqual(head.get("connection"), "close");
      await client.takeBytes(2);
    }
  });
});
