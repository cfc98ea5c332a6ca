import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { openSocket, rawRequest } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import { startTcpServer } from "../kit/start-server.ts";
import type { Teardown } from "../kit/teardown.ts";

interface HastyServer {
  readonly url: string;
  /** What came on each connection. */
  readonly connections: readonly string[];
}

/** A server that answers as soon as it sees the end of a head, whatever body was announced, and keeps its connection. */
async function startHastyServer(t: Teardown, status: string): Promise<HastyServer> {
  const connections: string[] = [];
  const { url } = await startTcpServer(t, (socket) => {
    const place = connections.push("") - 1;
    socket.on("data", (chunk: Uint8Array) => {
      const text = Buffer.from(chunk).toString("latin1");
      connections[place] += text;
      const heads = text.match(/ HTTP\/1\.1\r\n/g) ?? [];
      for (const _ of heads)
        socket.write(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno`);
    });
  });
  return { url, connections };
}

for (const [what, lines] of [
  ["a length", "Content-Length: 40"],
  ["chunks", "Transfer-Encoding: chunked"],
  ["Expect", "Content-Length: 40\r\nExpect: 100-continue"],
] as const) {
  test(`a server that answers before a body with ${what} was sent never reads the next request as that body`, async (t) => {
    const server = await startHastyServer(t, "413 Content Too Large");
    const { port } = await startPlaneFor(t, proxyTo([server.url], { retry: { attempts: 0 } }));
    const first = await openSocket(port);
    t.after(() => first.destroy());
    let answer = "";
    first.on("data", (chunk: Uint8Array) => (answer += Buffer.from(chunk).toString("latin1")));
    const chunk = lines.includes("chunked") ? "5\r\nhello\r\n" : "hello";
    first.write(`POST /first HTTP/1.1\r\nHost: site.test\r\n${lines}\r\n\r\n${chunk}`);
    await eventually(() => /HTTP\/1\.1 413/.test(answer));
    const second = await rawRequest(
      port,
      "GET /second HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n",
    );
    assert.match(second, /^HTTP\/1\.1 413/);
    const used = server.connections.find((bytes) => bytes.includes("/second")) ?? "";
    assert.match(used, /^GET \/second HTTP\/1\.1\r\n/);
  });
}

test("what a server sends after its answer is nobody's answer", async (t) => {
  const { url } = await startTcpServer(t, (socket) => {
    socket.on("data", () =>
      socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok" +
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nsecret",
      ),
    );
  });
  const { port } = await startPlaneFor(t, proxyTo([url]));
  for (const path of ["/a", "/b", "/c"]) {
    const answer = await rawRequest(
      port,
      `GET ${path} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n`,
    );
    assert.doesNotMatch(answer, /secret/);
  }
});

test("fields that belong to the server's connection do not reach the client, nor does what they name", async (t) => {
  const { url } = await startTcpServer(t, (socket) => {
    socket.on("data", () =>
      socket.write(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Inner, Set-Cookie\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\n" +
          "Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nTrailer: X-T\r\nSet-Cookie: a=b\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
  });
  const { port } = await startPlaneFor(t, proxyTo([url]));
  const answer = await rawRequest(port, "GET / HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200/);
  assert.doesNotMatch(answer, /^(?:x-inner|keep-alive|proxy-authenticate|upgrade|trailer):/im);
  assert.match(answer, /^set-cookie: a=b\r$/im);
});
