import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { CheckedFields } from "../../../src/http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../../src/http/outgoing-answer.ts";
import { host } from "../../../src/runtime/current.ts";
import { listenOverSockets } from "../../../src/runtime/front/front-listener.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { openTalk, talkOver } from "../../kit/talk.ts";

function listen(t: Teardown) {
  const handle = (): OutgoingAnswer => ({
    status: 413,
    headers: new CheckedFields(),
    body: Buffer.from("no"),
  });
  const listener = listenOverSockets({
    hostname: "127.0.0.1",
    port: 0,
    http2: false,
    isShared: false,
    idleTimeoutMs: 60_000,
    handle,
  });
  t.after(() => listener.abort());
  return listener;
}

describe("a listener over sockets of our own", { skip: host.name !== "bun" && "only Bun has it" }, () => {
  test("hears out a client that sends on after our goodbye, so that it can read why", async (t) => {
    const socket = connect({ port: listen(t).port, host: "127.0.0.1", allowHalfOpen: true });
    t.after(() => socket.destroy());
    const talk = talkOver(socket);
    await talk.write("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9000000\r\n\r\n");
    await talk.take("\r\n\r\nno");
    for (let count = 0; count < 20; count++) {
      await talk.write("x".repeat(10_000));
      await new Promise<void>((resolve) => void setTimeout(resolve, 2));
    }
    talk.end();
    assert.equal(await talk.closed, "end");
  });

  test("stops at once where its clients only rest, and when the last has left otherwise", async (t) => {
    const listener = listen(t);
    const resting = await openTalk(t, listener.port);
    await resting.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await resting.take("\r\n\r\nno");
    const sending = await openTalk(t, listener.port);
    await sending.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n");
    await sending.take("\r\n\r\nno");
    const stopped = listener.stop();
    assert.equal(await resting.closed, "end");
    sending.end();
    await stopped;
  });
});
