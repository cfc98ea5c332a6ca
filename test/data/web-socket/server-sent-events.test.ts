import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { eventually, pause } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ended } from "./open-pair.ts";

interface Events {
  readonly plane: TestPlane;
  readonly talk: Talk;
  /** The server's hand on the stream. */
  readonly stream: ServerResponse;
  readonly hasLeft: () => boolean;
}

async function openEvents(t: Teardown, settings: Readonly<Record<string, unknown>> = {}): Promise<Events> {
  let stream: ServerResponse | undefined;
  let hasLeft = false;
  const server = await startServer(t, (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
    response.on("close", () => (hasLeft = true));
    stream = response;
  });
  const plane = await startPlaneFor(t, {
    ...proxyTo([server.url], settings),
    listeners: { web: { bind: "127.0.0.1:0", idleTimeout: "1s" } },
  });
  const talk = await openTalk(t, plane.port);
  await talk.write("GET /events HTTP/1.1\r\nHost: site.test\r\nAccept: text/event-stream\r\n\r\n");
  return { plane, talk, stream: await eventually(() => stream ?? false), hasLeft: () => hasLeft };
}

/** Bun sends status and type at once, but the end of the head only with the first bytes of the body. */
test("the status comes before the first event, and each event as soon as it is sent", async (t) => {
  const { plane, talk, stream } = await openEvents(t);
  assert.match(await talk.take("text/event-stream\r\n"), /^HTTP\/1\.1 200 OK\r\n/);
  for (const data of ["one", "two", "three"]) {
    stream.write(`data: ${data}\n\n`);
    await talk.take(`data: ${data}\n\n`);
  }
  assert.equal(plane.board.exchanges(), 1);
  assert.equal(plane.counts().inflight, 1);
  stream.end();
  await talk.take("0\r\n\r\n");
  await ended(plane);
  assert.equal(plane.counts().bytesOut, "data: one\n\ndata: two\n\ndata: three\n\n".length);
});

test("a client that leaves ends the server's stream", async (t) => {
  const { plane, talk, stream, hasLeft } = await openEvents(t);
  await talk.take("text/event-stream\r\n");
  stream.write("data: one\n\n");
  await talk.take("data: one");
  talk.reset();
  await eventually(hasLeft);
  await ended(plane);
  const [line] = await plane.settled();
  assert.equal(line?.broken, "client_left");
  assert.equal(plane.counts().errors, 0);
});

test("a quiet stream outlives the listener's idle limit", async (t) => {
  const { plane, talk, stream } = await openEvents(t);
  await talk.take("text/event-stream\r\n");
  await pause(2_500);
  stream.write("data: late\n\n");
  await talk.take("data: late");
  talk.end();
  await ended(plane);
});

test("a stream that is quiet for the upstream's idle time is cut", async (t) => {
  const { plane, talk, hasLeft } = await openEvents(t, { timeouts: { idle: "200ms" } });
  await talk.take("text/event-stream\r\n");
  await talk.closed;
  await eventually(hasLeft);
  await ended(plane);
});
