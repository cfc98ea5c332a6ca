import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import type { Connection, ConnectionUser } from "../../../src/runtime/wire/connection.ts";
import { Pool } from "../../../src/runtime/wire/pool.ts";
import { answerEach, startTalkServer } from "../../kit/talk.ts";

const onBun = { skip: "Deno" in globalThis ? "Deno asks servers by fetch" : false };

const GET = Buffer.from("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Somebody who waits for a connection, and then for what comes on it. */
function createUser(): { user: ConnectionUser; opened: Promise<void>; heard: Promise<string> } {
  const opened = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  const user = {
    opened: () => opened.resolve(),
    heard: (bytes: Buffer) => heard.resolve(bytes.toString("latin1")),
    drained: () => {},
    lost: () => heard.reject(new Error("The connection is lost")),
  };
  return { user, opened: opened.promise, heard: heard.promise };
}

describe("a connection that was paused", onBun, () => {
  test("listens again when it is put aside, so that the next request is answered", async (t) => {
    const server = await startTalkServer(t, (talk) => answerEach(talk, OK));
    const { port } = new URL(server.url);
    const address = { hostname: "127.0.0.1", port: Number(port), tls: undefined };
    const pool = new Pool(address, { isKept: true, rested: () => {} });
    t.after(() => pool.close());
    const first = createUser();
    const connection = pool.open(first.user, 5000);
    await first.opened;
    connection.pause();
    pool.give(connection);
    const second = createUser();
    const reused: Connection | undefined = pool.take(second.user);
    assert.equal(reused, connection);
    reused?.write(GET);
    assert.equal(await second.heard, OK);
  });
});
