import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { pause } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { fastHost, SPEED } from "./fast-time.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
const GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const patient = { connect: "0s", response: "0s" };

function start(t: Teardown, server: string, limits: object = {}) {
  const config = {
    ...proxyTo([server], { timeouts: patient, retry: { attempts: 0 } }),
    limits,
  };
  return startPlaneFor(t, config, { host: fastHost });
}

const seconds = (count: number): Promise<void> => pause((count * 1000) / SPEED);

function post(length: number): string {
  return `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Sends parts of a body, one every two seconds, until all are sent or an answer has come. */
async function drip(client: Talk, parts: number, bytes: number): Promise<void> {
  for (let part = 0; part < parts && client.text() === ""; part++) {
    await client.write("x".repeat(bytes));
    await seconds(2);
  }
}

describe("A slow upload", () => {
  test("of 100 bytes a second is answered 408, and the server's request is cut", async (t) => {
    const cut = createGate();
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.closed;
      cut.open();
    });
    const { port, board, counts, settled } = await start(t, server.url);
    const client = await openTalk(t, port);
    await client.write(post(100_000));
    await drip(client, 100, 200);
    assert.match((await takeHead(client)).start, / 408 /);
    await cut.opened;
    const [line] = await settled();
    assert.equal(line?.status, 408);
    assert.ok((line?.durationMs ?? 0) >= 5_000);
    assert.ok((line?.durationMs ?? 0) < 40_000);
    assert.equal(board.counter(refusalCounter("upload_rate")), 1);
    assert.equal(counts().errors, 0);
    assert.equal(counts().inflight, 0);
  });

  test("that never begins is answered 408 after the grace", async (t) => {
    const server = await startTalkServer(t, (talk) => takeHead(talk));
    const { port, settled } = await start(t, server.url);
    const client = await openTalk(t, port);
    await client.write(post(10));
    assert.match((await takeHead(client)).start, / 408 /);
    const [line] = await settled();
    assert.ok((line?.durationMs ?? 0) < 20_000);
  });

  for (const [what, parts, bytes] of [
    ["keeps up the rate", 30, 1_000],
    ["keeps up the rate in bursts", 2, 20_000],
  ] as const) {
    test(`that ${what} is passed on whole`, async (t) => {
      const server = await startTalkServer(t, async (talk) => {
        await takeBody(talk, await takeHead(talk));
        await talk.write(OK);
      });
      const { port, board } = await start(t, server.url);
      const client = await openTalk(t, port);
      await client.write(post(parts * bytes + 1));
      await drip(client, parts, bytes);
      if (parts < 10) await seconds(30);
      await client.write("x");
      assert.match((await takeHead(client)).start, / 200 /);
      assert.equal(board.counter(refusalCounter("upload_rate")), 0);
    });
  }

  test("may be as slow as it likes where no rate is asked for", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeBody(talk, await takeHead(talk));
      await talk.write(OK);
    });
    const { port } = await start(t, server.url, { minUploadRate: "0B/s" });
    const client = await openTalk(t, port);
    await client.write(post(10));
    await drip(client, 10, 1);
    assert.match((await takeHead(client)).start, / 200 /);
  });

  test("is not the client's fault where the server is slow to take it", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      const head = await takeHead(talk);
      talk.socket.pause();
      await seconds(40);
      talk.socket.resume();
      await takeBody(talk, head);
      await talk.write(OK);
    });
    const { port, board } = await start(t, server.url);
    const client = await openTalk(t, port);
    const body = new Uint8Array(12_000_000);
    await client.write(post(body.byteLength));
    void client.write(body);
    assert.match((await takeHead(client)).start, / 200 /);
    assert.equal(board.counter(refusalCounter("upload_rate")), 0);
  });
});

/** A server that sends as much as is taken, up to so many bytes. */
function startSource(t: Teardown, bytes: number) {
  const chunk = new Uint8Array(250_000);
  return startTalkServer(t, async (talk) => {
    await takeHead(talk);
    await talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n`);
    for (let sent = 0; sent < bytes && !talk.isClosed(); sent += chunk.byteLength)
      await Promise.race([talk.write(chunk), talk.closed]);
    await talk.closed;
  });
}

describe("A reader", () => {
  test("that takes nothing for over five minutes is left", async (t) => {
    const server = await startSource(t, 400_000_000);
    const { port, counts, settled } = await start(t, server.url);
    const client = await openTalk(t, port);
    client.socket.pause();
    await client.write(GET);
    await seconds(120);
    assert.equal(counts().inflight, 1);
    const [line] = await settled();
    assert.equal(line?.broken, "slow_reader");
    assert.equal(counts().errors, 0);
  });

  test("that takes long pauses, but reads on, gets everything", async (t) => {
    const bytes = 40_000_000;
    const server = await startSource(t, bytes);
    const { port, settled } = await start(t, server.url);
    const client = await openTalk(t, port);
    await client.write(GET);
    await takeHead(client);
    for (let pauses = 0; pauses < 4; pauses++) {
      const before = client.receivedBytes();
      client.socket.pause();
      await seconds(100);
      client.socket.resume();
      while (client.receivedBytes() < before + 5_000_000) await pause(2);
    }
    await client.takeBytes(bytes);
    client.end();
    const [line] = await settled();
    assert.equal(line?.broken ?? "", "");
    assert.equal(line?.bytesOut, bytes);
  });
});

test("300 clients that never finish their head keep nobody out", async (t) => {
  const { url, port, board } = await startPlaneFor(t, { routes: [{ path: "/*", respond: { body: "ok" } }] });
  const slow = await Promise.all(Array.from({ length: 300 }, () => openTalk(t, port)));
  await Promise.all(slow.map((talk, n) => talk.write(n % 3 === 0 ? "G" : "GET / HTTP/1.1\r\nHost: a")));
  const statuses = [];
  for (let n = 0; n < 50; n++) statuses.push((await fetch(url)).status);
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(board.exchanges(), 0);
});
