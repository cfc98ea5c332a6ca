import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { FrontConnection } from "../../../src/runtime/front/front-connection.ts";
import { acceptFrontSocket } from "../../../src/runtime/front/front-socket.ts";
import { encodeFrame, encodeServerFrame, Opcode } from "../../../src/runtime/web-socket/socket-frames.ts";

const HANDSHAKE = "GET / HTTP/1.1\r\nHost: a.test\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A WebSocket over a socket of paper, which takes as many bytes as it is told to. */
async function openSocket() {
  const seen = { bytes: Buffer.alloc(0), room: Infinity };
  const socket = {
    remoteAddress: "192.0.2.7",
    write(bytes: Uint8Array): number {
      const count = Math.min(bytes.byteLength, seen.room);
      seen.room -= count;
      seen.bytes = Buffer.concat([seen.bytes, bytes.subarray(0, count)]);
      return count;
    },
    pause: () => {},
    resume: () => {},
    shutdown: () => {},
    end: () => {},
    terminate: () => {},
  };
  const events = { open: () => {}, message: () => {}, close: () => {} };
  const connection: FrontConnection = new FrontConnection(socket, {
    headCapBytes: 1000,
    handle: (request) => {
      acceptFrontSocket(request, connection, { protocol: "", headers: new Headers(), events });
      return undefined;
    },
    date: () => "",
    isLeaving: () => false,
    now: () => 1,
    left: () => {},
  });
  connection.hear(Buffer.from(HANDSHAKE));
  await settle();
  seen.bytes = Buffer.alloc(0);
  const ping = (text: string): void => connection.hear(encodeFrame(Opcode.ping, Buffer.from(text)));
  return { connection, seen, ping };
}

const pong = (text: string): Buffer => encodeServerFrame(Opcode.pong, Buffer.from(text));

describe("a client's WebSocket", () => {
  test("tells each time that it is there", async (t) => {
    const { connection, seen, ping } = await openSocket();
    t.after(() => connection.lose());
    ping("1");
    ping("2");
    assert.deepEqual(seen.bytes, Buffer.concat([pong("1"), pong("2")]));
  });

  test("keeps one answer, the latest, for a client that asks and asks and reads nothing", async (t) => {
    const { connection, seen, ping } = await openSocket();
    t.after(() => connection.lose());
    seen.room = 1;
    for (let count = 0; count < 1000; count++) ping(String(count));
    assert.equal(connection.outlet.unsentBytes, pong("0").byteLength - 1);
    seen.room = Infinity;
    connection.drain();
    await settle();
    assert.deepEqual(seen.bytes, Buffer.concat([pong("0"), pong("999")]));
  });
});
