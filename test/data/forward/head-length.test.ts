import assert from "node:assert/strict";
import { test } from "node:test";

import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";

test("HEAD of what has no known length says nothing of a length, and the connection goes on", async (t) => {
  const server = await startTalkServer(t, async (talk) => {
    while (!talk.isClosed()) {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
  });
  const plane = await startPlaneFor(t, proxyTo([server.url]));
  const client = await openTalk(t, plane.port);
  for (let i = 0; i < 3; i++) {
    await client.write("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    const head = await takeHead(client);
    assert.equal(head.start, "HTTP/1.1 200 OK");
    assert.equal(head.get("content-length"), undefined);
  }
  const lines = await plane.settled(3);
  assert.equal(lines[0]?.bytesOut, 0);
  assert.equal(lines[0]?.broken, undefined);
});
