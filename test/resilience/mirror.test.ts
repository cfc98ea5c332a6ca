import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import { openTalk } from "../kit/talk.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask, askMany, times } from "./ask.ts";
import { hang, ok, resetAfter, startCounting, status, takeUpload } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";

interface Mirrored {
  readonly plane: TestPlane;
  readonly app: CountingServer;
  readonly shadow: CountingServer;
}

/** A proxy whose requests go to one server, and copies of them to another. */
async function startMirrored(
  t: Teardown,
  reply: Reply,
  options: { share?: string; shadow?: object } = {},
): Promise<Mirrored> {
  const app = await startCounting(t, ok("app"));
  const shadow = await startCounting(t, reply);
  const plane = await startPlaneFor(t, {
    upstreams: {
      app: { servers: [app.url] },
      shadow: { servers: [shadow.url], timeouts: { connect: "100ms" }, ...options.shadow },
    },
    routes: [{ path: "/*", upstream: "app", mirror: { upstream: "shadow", share: options.share ?? "100%" } }],
  });
  return { plane, app, shadow };
}

describe("a mirror", () => {
  test("copies method, target, fields and body, and drops the answer", async (t) => {
    const uploads: string[] = [];
    const { plane, shadow } = await startMirrored(t, async (talk, request) => {
      uploads.push(await takeUpload(talk, request));
      await ok("shadow")(talk, request);
    });
    const answer = await ask(plane.port, {
      method: "POST",
      path: "/a?b=c",
      fields: { "x-id": "1" },
      body: "hello",
    });
    assert.equal(answer.body, "app");
    await eventually(() => uploads.length === 1);
    const [copy] = shadow.seen;
    assert.deepEqual([copy?.method, copy?.target, copy?.id, uploads[0]], ["POST", "/a?b=c", "1", "hello"]);
    const [line] = await plane.settled();
    assert.equal(line?.attempts?.length, 1);
    assert.deepEqual(plane.faults, []);
  });

  const troubles: readonly (readonly [what: string, reply: Reply])[] = [
    ["never answers", hang],
    ["answers 503", status(503)],
    ["resets", resetAfter("")],
    ["breaks its answer off", resetAfter("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf")],
    [
      "answers without an end",
      async (talk) => {
        await talk.write("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf");
        await talk.closed;
      },
    ],
  ];
  for (const [what, reply] of troubles) {
    test(`whose shadow ${what} changes nothing for clients`, async (t) => {
      const { plane, app, shadow } = await startMirrored(t, reply, {
        shadow: { timeouts: { connect: "100ms", response: "300ms", idle: "300ms" } },
      });
      const answers = await askMany(t, plane.port, { connections: 4, questions: times(40) });
      assert.ok(answers.every(({ status: code, body }) => code === 200 && body === "app"));
      assert.equal(app.count(), 40);
      await eventually(() => shadow.count() > 0);
      await eventually(() => plane.board.inflight(1) === 0 && plane.board.inflight(0) === 0);
      await plane.settled(40);
      assert.deepEqual(plane.faults, []);
    });
  }

  test("whose shadow is gone changes nothing for clients", async (t) => {
    const app = await startCounting(t, ok("app"));
    const plane = await startPlaneFor(t, {
      upstreams: {
        app: { servers: [app.url] },
        shadow: { servers: [`http://127.0.0.1:${await freePort()}`] },
      },
      routes: [{ path: "/*", upstream: "app", mirror: { upstream: "shadow" } }],
    });
    for (let turn = 0; turn < 10; turn++) assert.equal((await ask(plane.port)).body, "app");
    await plane.settled(10);
    assert.deepEqual(plane.faults, []);
  });

  test("has no more copies under way than it may, however slow its shadow is", async (t) => {
    const { plane, shadow } = await startMirrored(t, hang);
    const answers = await askMany(t, plane.port, { connections: 8, questions: times(200) });
    assert.ok(answers.every(({ body }) => body === "app"));
    await eventually(() => shadow.mostAtOnce() === 64);
    assert.equal(shadow.count(), 64);
  });

  test("copies the share that it should", async (t) => {
    const { plane, app, shadow } = await startMirrored(t, ok(), { share: "20%" });
    await askMany(t, plane.port, { connections: 8, questions: times(1000) });
    await plane.settled(1000);
    await eventually(() => plane.board.inflight(1) === 0);
    assert.equal(app.count(), 1000);
    assert.ok(shadow.count() > 140 && shadow.count() < 260, `${shadow.count()}`);
  });

  test("copies no body that was too long to remember", async (t) => {
    const { plane, app, shadow } = await startMirrored(t, ok());
    await ask(plane.port, { method: "POST", body: "x".repeat(70_000), fields: { "x-id": "long" } });
    await ask(plane.port, { method: "POST", body: "short", fields: { "x-id": "short" } });
    await eventually(() => shadow.times("short") === 1);
    assert.deepEqual([app.times("long"), shadow.times("long")], [1, 0]);
  });

  test("goes on where the client leaves", async (t) => {
    const ends: string[] = [];
    const { plane } = await startMirrored(t, async (talk, request) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await ok()(talk, request);
      ends.push(talk.isClosed() ? "cut" : "whole");
    });
    const talk = await openTalk(t, plane.port);
    await talk.write("GET / HTTP/1.1\r\nhost: site.test\r\n\r\n");
    await talk.take("app");
    talk.reset();
    await eventually(() => ends.length === 1);
    assert.deepEqual(ends, ["whole"]);
  });
});
