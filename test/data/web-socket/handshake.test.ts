import assert from "node:assert/strict";
import { test } from "node:test";

import { host } from "../../../src/runtime/current.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { openSocket, rawRequest } from "../../kit/raw-request.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { ended, openPair } from "./open-pair.ts";
import { askSocket, fieldOf, handshakeOf, startSocketServer } from "./socket-peer.ts";

test("the server chooses among the client's sub-protocols", async (t) => {
  const ask = { headers: { "sec-websocket-protocol": "first,second" } };
  const { client, upstream } = await openPair(t, { ask, protocol: "second" });
  assert.equal(client.field("sec-websocket-protocol"), "second");
  assert.equal(fieldOf(upstream.handshakes[0] ?? "", "sec-websocket-protocol"), "first, second");
});

test("no sub-protocol is made up where the server chose none", async (t) => {
  const ask = { headers: { "sec-websocket-protocol": "first, second" } };
  const { client } = await openPair(t, { ask });
  assert.equal(client.field("sec-websocket-protocol"), undefined);
});

test("the server gets the client's fields and ours, and a handshake of our own", async (t) => {
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const headers = {
    cookie: "a=1; b=2",
    origin: "https://app.test",
    authorization: "Bearer x",
    "sec-websocket-extensions": "permessage-deflate",
    "x-forwarded-for": "6.6.6.6",
  };
  const { client, upstream } = await openPair(t, { ask: { headers } });
  const [seen = ""] = upstream.handshakes;
  assert.equal(fieldOf(seen, "cookie"), "a=1; b=2");
  assert.equal(fieldOf(seen, "origin"), "https://app.test");
  assert.equal(fieldOf(seen, "authorization"), "Bearer x");
  assert.equal(fieldOf(seen, "x-forwarded-for"), "127.0.0.1");
  assert.equal(fieldOf(seen, "x-forwarded-proto"), "http");
  assert.equal(fieldOf(seen, "host"), fieldOf(seen, "x-forwarded-host"));
  assert.equal(fieldOf(seen, "connection"), "Upgrade");
  assert.equal(fieldOf(seen, "upgrade"), "websocket");
  assert.equal(fieldOf(seen, "sec-websocket-version"), "13");
  assert.equal(fieldOf(seen, "sec-websocket-extensions"), undefined);
  assert.notEqual(fieldOf(seen, "sec-websocket-key"), key);
  assert.match(fieldOf(seen, "sec-websocket-key") ?? "", /^[A-Za-z0-9+/]{22}==$/);
  assert.equal(client.field("x-request-id"), fieldOf(seen, "x-request-id"));
});

test("the client gets the cookies that come with the server's agreement, each on its own, and nothing else of it", async (t) => {
  const fields = "Set-Cookie: a=1; Path=/\r\nX-Inner: secret\r\nSet-Cookie: b=2\r\n";
  const { client } = await openPair(t, { fields });
  const cookies = [...client.head.matchAll(/^set-cookie: (.*)\r$/gim)].map(([, cookie]) => cookie);
  assert.deepEqual(cookies, ["a=1; Path=/", "b=2"]);
  assert.equal(client.field("x-inner"), undefined);
});

for (const [what, character] of [
  ["control character", "\x01"],
  ["bare line feed", "\n"],
  ["bare carriage return", "\r"],
] as const) {
  test(`no cookie with a ${what} gets to a client, whose handshake is answered 502`, async (t) => {
    const upstream = await startSocketServer(t, { fields: `Set-Cookie: a=${character}secret\r\n` });
    const plane = await startPlaneFor(t, proxyTo([upstream.url], { retry: { attempts: 0 } }));
    const text = await rawRequest(plane.port, handshakeOf(plane.port), {
      until: (received) => received.includes("Request id:") || received.includes(" 101 "),
    });
    assert.match(text, /^HTTP\/1\.1 502 /);
    assert.doesNotMatch(text, /secret/);
    await ended(plane);
    assert.deepEqual(plane.faults, []);
  });
}

for (const status of [401, 403, 404, 500]) {
  test(`a server that refuses with ${status} is heard`, async (t) => {
    const challenge = status === 401 ? 'WWW-Authenticate: Basic realm="x"\r\n' : "";
    const answer = `HTTP/1.1 ${status} No\r\n${challenge}Content-Length: 2\r\n\r\nno`;
    const upstream = await startSocketServer(t, { answer });
    const plane = await startPlaneFor(
      t,
      proxyTo([upstream.url, upstream.url.replace("127.0.0.1", "localhost")]),
    );
    const client = await askSocket(t, plane.port);
    assert.equal(client.status, status);
    assert.equal(client.field("www-authenticate"), status === 401 ? 'Basic realm="x"' : undefined);
    assert.match(client.field("proxy-status") ?? "", /error=http_upgrade_failed/);
    assert.equal(upstream.handshakes.length, 1);
    await ended(plane);
  });
}

const accepted =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
for (const [what, answer] of [
  ["answers 200 as if nothing was asked", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
  ["redirects", "HTTP/1.1 302 Found\r\nLocation: http://inner.test/\r\nContent-Length: 0\r\n\r\n"],
  ["says 101 to another key", `HTTP/1.1 101 Switching Protocols\r\n${accepted}\r\n\r\n`],
  ["says 101 to nothing", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  [
    "says 101 to another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
  ],
  ["does not speak HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  [
    "says with a control character who may come in",
    'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="\x01secret"\r\nContent-Length: 0\r\n\r\n',
  ],
] as const) {
  test(`a server that ${what} is 502, and nothing that it sends gets through`, async (t) => {
    const upstream = await startSocketServer(t, { answer: answer + smuggled });
    const plane = await startPlaneFor(t, proxyTo([upstream.url], { retry: { attempts: 0 } }));
    const text = await rawRequest(plane.port, handshakeOf(plane.port), {
      until: (received) => received.includes("Request id:"),
    });
    assert.match(text, /^HTTP\/1\.1 502 /);
    assert.doesNotMatch(text, /secret|inner|SSH/);
    await eventually(() => upstream.sockets.every((socket) => socket.destroyed));
    await ended(plane);
  });
}

test("a server that is down, or says 503, is followed by the next best; without one the answer is 502", async (t) => {
  const downUrl = `http://127.0.0.1:${await freePort()}`;
  const busy = await startSocketServer(t, {
    answer: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
  });
  const good = await startSocketServer(t);
  const settings = { retry: { attempts: 2, backoff: "0ms" } };
  const plane = await startPlaneFor(t, proxyTo([downUrl, busy.url, good.url], settings));
  for (let time = 0; time < 3; time++) assert.equal((await askSocket(t, plane.port)).status, 101);
  const alone = await startPlaneFor(t, proxyTo([downUrl]));
  const client = await askSocket(t, alone.port);
  assert.equal(client.status, 502);
  assert.match(client.field("proxy-status") ?? "", /error=connection_refused/);
  await ended(alone);
});

test("route, host and rewrite count for WebSockets too", async (t) => {
  const upstream = await startSocketServer(t);
  const plane = await startPlaneFor(t, {
    ...proxyTo([upstream.url]),
    routes: [
      { path: "/admin/*", respond: { status: 403 } },
      { path: "/api/*", host: "ws.test", upstream: "app", rewrite: { stripPrefix: "/api" } },
    ],
  });
  const headers = { host: "ws.test" };
  assert.equal((await askSocket(t, plane.port, { path: "/api/chat?room=1", headers })).status, 101);
  assert.match(upstream.handshakes[0] ?? "", /^GET \/chat\?room=1 HTTP\/1\.1\r\n/);
  assert.equal((await askSocket(t, plane.port, { path: "/api/chat" })).status, 404);
  assert.equal((await askSocket(t, plane.port, { path: "/api/%2e%2e/admin/x", headers })).status, 403);
  assert.equal((await askSocket(t, plane.port, { path: "/api/..%2fadmin/x", headers })).status, 400);
  assert.equal(upstream.handshakes.length, 1);
});

for (const [what, headers, status] of [
  ["without a key", { "sec-websocket-key": "" }, 400],
  ["with a short key", { "sec-websocket-key": "abc" }, 400],
  ["of another version", { "sec-websocket-version": "8" }, 426],
  ["without a version", { "sec-websocket-version": "" }, 426],
  ["that does not mean this connection", { connection: "keep-alive" }, 400],
  ["with a body", { "content-length": "5" }, 400],
  ["with a body in chunks", { "transfer-encoding": "chunked" }, 400],
] as const) {
  test(`a handshake ${what} is answered ${status} by us`, async (t) => {
    const upstream = await startSocketServer(t);
    const plane = await startPlaneFor(t, proxyTo([upstream.url]));
    const client = await askSocket(t, plane.port, { headers });
    assert.equal(client.status, status);
    assert.equal(client.field("sec-websocket-version"), status === 426 ? "13" : undefined);
    assert.equal(upstream.handshakes.length, 0);
    await ended(plane);
  });
}

test("an upgrade to something else is a request without one", async (t) => {
  const upstream = await startSocketServer(t, { answer: "HTTP/1.1 204 No Content\r\n\r\n" });
  const plane = await startPlaneFor(t, proxyTo([upstream.url]));
  const client = await askSocket(t, plane.port, { headers: { upgrade: "h2c" } });
  assert.equal(client.status, 204);
  assert.equal(fieldOf(upstream.handshakes[0] ?? "", "upgrade"), undefined);
});

const tellsVersion = { skip: host.name !== "bun" && "Deno does not tell the version: docs/runtimes.md" };

test("an upgrade in HTTP/1.0 is a request without one", tellsVersion, async (t) => {
  const upstream = await startSocketServer(t, { answer: "HTTP/1.1 204 No Content\r\n\r\n" });
  const plane = await startPlaneFor(t, proxyTo([upstream.url]));
  const text = await rawRequest(plane.port, handshakeOf(plane.port).replace("HTTP/1.1", "HTTP/1.0"));
  assert.match(text, /^HTTP\/1\.[01] 204 /);
  assert.equal(fieldOf(upstream.handshakes[0] ?? "", "upgrade"), undefined);
});

test("a server that does not answer the handshake is given up after its response time", async (t) => {
  const upstream = await startSocketServer(t, { answer: "" });
  const settings = { timeouts: { response: "150ms" }, retry: { attempts: 0 } };
  const plane = await startPlaneFor(t, proxyTo([upstream.url], settings));
  const client = await askSocket(t, plane.port);
  assert.equal(client.status, 504);
  await eventually(() => upstream.sockets[0]?.destroyed === true);
  await ended(plane);
});

test("a client that leaves during the handshake takes the dial along", async (t) => {
  const upstream = await startSocketServer(t, { answer: "" });
  const plane = await startPlaneFor(t, proxyTo([upstream.url]));
  const client = await openSocket(plane.port);
  client.write(handshakeOf(plane.port));
  await eventually(() => upstream.handshakes.length === 1);
  client.destroy();
  await eventually(() => upstream.sockets[0]?.destroyed === true);
  await ended(plane);
  const [line] = await plane.settled();
  assert.equal(line?.status, 499);
});
