import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";

const MEGABYTE = new Uint8Array(1_000_000).fill(120);

/** What the system's buffers on both connections may take up at the very most, with one megabyte on its way. */
const MOST_BYTES = 40_000_000;

/** Writes megabytes as fast as they are taken, and says how many bytes were by now. */
function flood(talk: Talk, mostBytes: number): () => number {
  let taken = 0;
  const write = (): void => {
    if (taken >= mostBytes || talk.isClosed()) return;
    talk.socket.write(MEGABYTE, (error) => {
      if (error) return;
      taken += MEGABYTE.byteLength;
      write();
    });
  };
  write();
  return () => taken;
}

/** Waits until a number stands still, and gives it. */
async function settledNumber(read: () => number): Promise<number> {
  let last = -1;
  let rounds = 0;
  return eventually(() => {
    const now = read();
    rounds = now === last ? rounds + 1 : 0;
    last = now;
    return rounds >= 15 && now;
  });
}

describe("Backpressure", () => {
  for (const framing of ["Content-Length: 200000000", "Connection: close"]) {
    test(`a client that does not read slows the server (${framing})`, async (t) => {
      let taken = (): number => 0;
      const begun = createGate();
      const server = await startTalkServer(t, async (talk) => {
        await takeHead(talk);
        await talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${framing}\r\n\r\n`);
        taken = flood(talk, 200_000_000);
        begun.open();
      });
      const plane = await startPlaneFor(t, proxyTo([server.url]));
      const client = await openTalk(t, plane.port);
      client.socket.pause();
      await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      await begun.opened;
      const sent = await settledNumber(taken);
      assert.ok(sent < MOST_BYTES, `the server could send ${sent} bytes`);
      client.socket.resume();
      await eventually(() => client.receivedBytes() > sent);
    });
  }

  test("a server that does not read slows the client", async (t) => {
    let serverTalk: Talk | undefined;
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      talk.socket.pause();
      serverTalk = talk;
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    await client.write("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 200000000\r\n\r\n");
    await eventually(() => serverTalk !== undefined);
    const taken = flood(client, 199_000_000);
    const sent = await settledNumber(taken);
    assert.ok(sent < MOST_BYTES, `the client could send ${sent} bytes`);
    serverTalk?.socket.resume();
    await eventually(() => taken() > sent);
  });
});
