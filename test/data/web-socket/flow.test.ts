import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { eventually, pause } from "../../kit/eventually.ts";
import { ended, openPair } from "./open-pair.ts";
import { echo } from "./socket-peer.ts";
import type { SocketPeer } from "./socket-peer.ts";

const isBun = "Bun" in globalThis;
const MIB = 1024 * 1024;

/** Sends until the other side takes no more, or `mostMib` are on their way; gives what was taken, in bytes. */
async function flood(peer: SocketPeer, mostMib: number): Promise<number> {
  const part = Buffer.alloc(MIB / 4);
  let takenBytes = 0;
  for (let at = 0; at < mostMib * 4; at++) {
    const isTaken = new Promise<boolean>((resolve) => {
      peer.send(part);
      peer.socket.write("", () => resolve(true));
    });
    if (!(await Promise.race([isTaken, pause(300).then(() => false)]))) break;
    takenBytes += part.length;
  }
  return takenBytes;
}

test("an open WebSocket is under way, and its bytes count when it ends", async (t) => {
  const { client, plane } = await openPair(t, { onOpen: echo });
  assert.equal(plane.board.exchanges(), 1);
  assert.equal(plane.counts().inflight, 1);
  client.send("hello");
  client.send(Buffer.alloc(1000));
  await eventually(() => client.messages().length === 2);
  client.close(1000);
  await ended(plane);
  const { requests, errors, bytesIn, bytesOut, statuses } = plane.counts();
  assert.deepEqual(
    { requests, errors, bytesIn, bytesOut },
    { requests: 1, errors: 0, bytesIn: 1005, bytesOut: 1005 },
  );
  assert.equal(statuses["1xx"], 1);
  const [line] = await plane.settled();
  assert.equal(line?.status, 101);
  assert.equal(line?.bytesIn, 1005);
});

test("a client that stops reading stops the server's sending; what was sent arrives when it reads again", async (t) => {
  const { client, server, plane } = await openPair(t);
  client.socket.pause();
  const takenBytes = await flood(server, 64);
  assert.ok(takenBytes < 48 * MIB, `${takenBytes} bytes were taken for a client that reads nothing`);
  assert.equal(plane.counts().inflight, 1);
  client.socket.resume();
  server.send("the end");
  const last = await eventually(() => {
    const found = client.messages().at(-1);
    return typeof found === "string" && found;
  });
  assert.equal(last, "the end");
  assert.ok(client.messages().length > takenBytes / (MIB / 4));
});

test("a client that reads nothing for the idle time is parted with", async (t) => {
  const { client, server, plane } = await openPair(t, { settings: { timeouts: { idle: "200ms" } } });
  client.socket.pause();
  await flood(server, 64);
  await eventually(() => server.closed() !== undefined);
  assert.equal(server.closed()?.code, 1001);
  await ended(plane);
});

test("a server that stops reading is cut at a bound, and the client is told to try again (on Deno it may be cut before)", async (t) => {
  const { client, server, plane } = await openPair(t);
  server.socket.pause();
  void flood(client, 64);
  await eventually(() => client.closed() !== undefined || client.isGone);
  assert.equal(client.closed()?.code ?? "cut", isBun || client.closed() ? 1013 : "cut");
  await ended(plane);
});

test("many clients that come and go leave nothing under way", async (t) => {
  const { plane, client } = await openPair(t, { onOpen: echo });
  client.socket.destroy();
  for (let round = 0; round < 40; round++) {
    const socket = connect({ port: plane.port, host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.write(
      `GET / HTTP/1.1\r\nHost: x.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await pause(round % 5);
    if (round % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await ended(plane);
  assert.deepEqual(plane.faults, []);
});
