import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { ended, openPair } from "./open-pair.ts";
import { echo, encodeFrame, PING, PONG, TEXT, unfinished } from "./socket-peer.ts";
import type { SocketPeer } from "./socket-peer.ts";

function messages(peer: SocketPeer, count: number): Promise<(string | Buffer)[]> {
  return eventually(() => {
    const found = peer.messages();
    return found.length >= count && found;
  });
}

test("text, bytes, empty messages and long ones go both ways as they are", async (t) => {
  const { client, server } = await openPair(t, { onOpen: echo });
  const sent = [
    "grüße \u{1f600}",
    Buffer.from([0, 255, 1]),
    "",
    Buffer.alloc(0),
    "x".repeat(300_000),
    "\ufeffmark",
  ];
  for (const message of sent) client.send(message);
  assert.deepEqual(await messages(client, sent.length), sent);
  assert.deepEqual(server.messages(), sent);
});

test("a message in fragments, with a ping between them, arrives whole", async (t) => {
  const { client, server } = await openPair(t);
  for (const [peer, isMasked, other] of [
    [client, true, server],
    [server, false, client],
  ] as const) {
    peer.socket.write(unfinished(encodeFrame(TEXT, Buffer.from("one "), isMasked)));
    peer.socket.write(encodeFrame(PING, Buffer.from("?"), isMasked));
    peer.socket.write(unfinished(encodeFrame(0, Buffer.from("two "), isMasked)));
    peer.socket.write(encodeFrame(0, Buffer.from("three"), isMasked));
    assert.deepEqual(await messages(other, 1), ["one two three"]);
    await eventually(() =>
      peer.frames.some(({ opcode, payload }) => opcode === PONG && payload.toString() === "?"),
    );
  }
});

test("what the server says at once after its 101 is not lost, and stays in order", async (t) => {
  const early = Buffer.concat(
    Array.from({ length: 50 }, (_, at) => encodeFrame(TEXT, Buffer.from(`early ${at}`), false)),
  );
  const { client } = await openPair(t, { early, onOpen: (peer) => peer.send("late") });
  const expected = [...Array.from({ length: 50 }, (_, at) => `early ${at}`), "late"];
  assert.deepEqual(await messages(client, 51), expected);
});

test("a message of 15 MiB passes; one of more than 16 MiB ends both ends with 1009", async (t) => {
  const { client, server, plane } = await openPair(t);
  server.send(Buffer.alloc(15 * 1024 * 1024, 7));
  const [message] = await messages(client, 1);
  assert.equal(message?.length, 15 * 1024 * 1024);
  server.send(Buffer.alloc(17 * 1024 * 1024));
  await eventually(() => client.closed() !== undefined && server.closed() !== undefined);
  assert.equal(client.closed()?.code, 1009);
  assert.equal(server.closed()?.code, 1009);
  await ended(plane);
});

test("a client's message of more than 16 MiB ends both ends", async (t) => {
  const { client, server, plane } = await openPair(t);
  client.send(Buffer.alloc(17 * 1024 * 1024));
  await eventually(() => server.isGone);
  await ended(plane);
  assert.deepEqual(server.messages(), []);
});

for (const [what, bytes, code] of [
  ["masks", encodeFrame(TEXT, Buffer.from("a"), true), 1002],
  ["sends text that is not UTF-8", encodeFrame(TEXT, Buffer.from([0xff]), false), 1007],
  ["uses an extension that nobody offered", encodeFrame(0x40 | TEXT, Buffer.from("a"), false), 1002],
  ["continues what it never began", encodeFrame(0, Buffer.from("a"), false), 1002],
  ["sends an unknown frame", encodeFrame(3, Buffer.from("a"), false), 1002],
  ["sends a long ping", encodeFrame(PING, Buffer.alloc(126), false), 1002],
] as const) {
  test(`a server that ${what} is told ${code}, and so is the client`, async (t) => {
    const { client, server, plane } = await openPair(t);
    server.socket.write(bytes);
    await eventually(() => client.closed() !== undefined && server.closed() !== undefined);
    assert.equal(client.closed()?.code, code);
    assert.equal(server.closed()?.code, code);
    await ended(plane);
  });
}
