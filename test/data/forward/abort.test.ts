import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";

const event = "data: 1\n\n";
const chunkedEvent = `${event.length.toString(16)}\r\n${event}\r\n`;

/** What the server has sent when the client leaves, and what the client waits for before it does. */
const phases: Readonly<
  Record<
    string,
    { readonly sent: string; readonly seen: string; readonly status: number; readonly bytesOut: number }
  >
> = {
  "before the headers": { sent: "", seen: "", status: 499, bytesOut: 0 },
  "between the headers and a short body": {
    sent: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 50000\r\n\r\n",
    seen: "",
    status: 200,
    bytesOut: 0,
  },
  "in a short body that is held": {
    sent: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 50\r\n\r\nfirst",
    seen: "",
    status: 499,
    bytesOut: 0,
  },
  "in a short body that is sent on": {
    sent: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 50000\r\n\r\nfirst",
    seen: "first",
    status: 200,
    bytesOut: 5,
  },
  "in a long body": {
    sent: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500000\r\n\r\nfirst",
    seen: "first",
    status: 200,
    bytesOut: 5,
  },
  "in a stream of events": {
    sent: `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedEvent}`,
    seen: event,
    status: 200,
    bytesOut: event.length,
  },
};

describe("A client that leaves", () => {
  for (const [when, { sent, seen, status, bytesOut }] of Object.entries(phases)) {
    for (const how of ["end", "reset"] as const) {
      test(`${when} (${how}) closes the server's connection, and is counted as gone`, async (t) => {
        const asked = createGate();
        const closed = createGate();
        const server = await startTalkServer(t, async (talk) => {
          await takeHead(talk);
          await talk.write(sent);
          asked.open();
          await talk.closed;
          closed.open();
        });
        const plane = await startPlaneFor(t, proxyTo([server.url]));
        const client = await openTalk(t, plane.port);
        await client.write("GET /path HTTP/1.1\r\nHost: a.test\r\n\r\n");
        await asked.opened;
        if (seen !== "") await client.take(seen);
        assert.equal(plane.counts().inflight, 1);
        assert.equal(plane.board.exchanges(), 1);
        if (how === "reset") client.reset();
        else client.socket.destroy();
        await closed.opened;
        const lines = await plane.settled();
        assert.equal(lines.length, 1);
        assert.equal(lines[0]?.broken, "client_left");
        assert.ok(lines[0]?.status === status || when.startsWith("between"), String(lines[0]?.status));
        assert.equal(lines[0]?.bytesOut, bytesOut);
        assert.equal(plane.counts().inflight, 0);
        assert.equal(plane.counts().errors, 0);
        assert.equal(plane.counts().bytesOut, bytesOut);
        assert.equal(server.count(), 1);
        assert.deepEqual(plane.faults, []);
      });
    }
  }

  test("does not disturb the next request on the server", async (t) => {
    const asked = createGate();
    let connections = 0;
    const server = await startTalkServer(t, async (talk) => {
      connections += 1;
      if (connections === 1) {
        await takeHead(talk);
        asked.open();
        return;
      }
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const first = await openTalk(t, plane.port);
    await first.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await asked.opened;
    first.socket.destroy();
    const second = await openTalk(t, plane.port);
    await second.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await second.take("ok");
    await plane.settled(2);
    assert.equal(plane.counts().inflight, 0);
    assert.equal(plane.counts().requests, 2); // the one whose client left was sent too
  });
});
