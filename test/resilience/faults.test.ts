import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pause } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask } from "./ask.ts";
import { answerText, closeAfter, hang, ok, resetAfter, startCounting, status } from "./counting-server.ts";
import type { CountingServer, Reply, SeenRequest } from "./counting-server.ts";

const settings = {
  balance: "round-robin",
  health: { passive: "off" },
  retry: { backoff: "0s" },
  timeouts: { response: "300ms", connect: "200ms", idle: "300ms" },
};

/** A proxy in front of one faulty server (asked first) and, unless `alone`, a good one. */
async function startPair(
  t: Teardown,
  reply: Reply,
  { isAlone = false, more = {} }: { readonly isAlone?: boolean; readonly more?: object } = {},
): Promise<{ plane: TestPlane; bad: CountingServer; good: CountingServer }> {
  const bad = await startCounting(t, reply);
  const good = await startCounting(t, ok("good"));
  const servers = [
    { url: bad.url, name: "bad" },
    ...(isAlone ? [] : [{ url: good.url, name: "good", backup: true }]),
  ];
  return { plane: await startPlaneFor(t, proxyTo(servers, { ...settings, ...more })), bad, good };
}

const faults: readonly (readonly [what: string, reply: Reply, statusAlone: number])[] = [
  ["closes before the headers", (talk) => talk.end(), 502],
  ["resets before the headers", resetAfter(""), 502],
  ["resets in the status line", resetAfter("HTTP/1."), 502],
  ["resets in the headers", resetAfter("HTTP/1.1 200 OK\r\ncontent-ty"), 502],
  ["closes in the headers", closeAfter("HTTP/1.1 200 OK\r\ncontent-ty"), 502],
  ["never answers", hang, 504],
  [
    "sends half a status line and no more",
    async (talk) => (await talk.write("HTTP/1.1 2"), talk.closed),
    504,
  ],
  ["answers garbage", closeAfter("\x16\x03\x01 this is no HTTP\r\n\r\n"), 502],
  ["answers a status that does not exist", closeAfter("HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n"), 502],
  [
    "upgrades though nobody asked",
    closeAfter("HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    502,
  ],
  ["answers 502", status(502), 502],
  ["answers 503", status(503), 503],
  ["answers 504", status(504), 504],
  ["breaks off a short answer", resetAfter(answerText(200, { text: "0123456789" }).slice(0, -5)), 502],
];

describe("a server that", () => {
  for (const [what, reply, statusAlone] of faults) {
    test(`${what} costs a GET nothing while another server is there`, async (t) => {
      const { plane, bad, good } = await startPair(t, reply);
      const answer = await ask(plane.port, { fields: { "x-id": "a" } });
      assert.deepEqual([answer.status, answer.body], [200, "good"]);
      assert.deepEqual([bad.times("a"), good.times("a")], [1, 1]);
      await plane.settled();
      const [badCounts, goodCounts] = [plane.counts("bad"), plane.counts("good")];
      assert.deepEqual([badCounts.requests, badCounts.errors, badCounts.inflight], [1, 1, 0]);
      assert.deepEqual([goodCounts.requests, goodCounts.errors, goodCounts.inflight], [1, 0, 0]);
      assert.equal(badCounts.retries + goodCounts.retries, 1);
      assert.deepEqual(plane.faults, []);
    });

    test(`${what} gives ${statusAlone} where it is the only one, and is asked once`, async (t) => {
      const { plane, bad } = await startPair(t, reply, { isAlone: true });
      const answer = await ask(plane.port, { fields: { "x-id": "a" } });
      assert.equal(answer.status, statusAlone);
      assert.equal(bad.times("a"), 1);
      await plane.settled();
      const { requests, errors, inflight, retries } = plane.counts("bad");
      assert.deepEqual([requests, errors, inflight, retries], [1, 1, 0, 0]);
      assert.deepEqual(plane.faults, []);
    });
  }

  test("refuses connections costs a GET and a POST nothing, since it has seen neither", async (t) => {
    const good = await startCounting(t, ok("good"));
    const gone = `http://127.0.0.1:${await freePort()}`;
    const servers = [
      { url: gone, name: "bad" },
      { url: good.url, name: "good", backup: true },
    ];
    const plane = await startPlaneFor(t, proxyTo(servers, settings));
    for (const method of ["GET", "POST", "PATCH"]) {
      const answer = await ask(plane.port, {
        method,
        fields: { "x-id": method },
        ...(method !== "GET" && { body: "x" }),
      });
      assert.deepEqual([answer.status, answer.body, good.times(method)], [200, "good", 1], method);
      await plane.settled();
    }
    assert.equal(plane.counts("bad").errors, 3);
  });

  test("answers like another protocol is an error of its own, soon or when time is up", async (t) => {
    const banner: Reply = async (talk) => (await talk.write("SSH-2.0-x\r\n"), talk.closed);
    const { plane, bad } = await startPair(t, banner, { isAlone: true });
    const answer = await ask(plane.port, { fields: { "x-id": "a" } });
    assert.ok([502, 504].includes(answer.status), `${answer.status}`);
    assert.equal(bad.times("a"), 1);
  });

  test("resets at any byte of a short answer costs a GET nothing", async (t) => {
    const text = answerText(200, { text: "0123456789" });
    const cutAt = ({ target }: SeenRequest): number => Number(target.slice(1));
    const reply: Reply = (talk, request) => resetAfter(text.slice(0, cutAt(request)))(talk, request);
    const { plane, bad, good } = await startPair(t, reply, {
      more: { retry: { backoff: "0s", budget: "100%" } },
    });
    for (let offset = 0; offset < text.length; offset++) {
      const answer = await ask(plane.port, { path: `/${offset}`, fields: { "x-id": `${offset}` } });
      assert.deepEqual([answer.status, answer.body], [200, "good"], `cut at ${offset}`);
      assert.deepEqual([bad.times(`${offset}`), good.times(`${offset}`)], [1, 1], `cut at ${offset}`);
    }
    assert.deepEqual([plane.counts("bad").errors, plane.counts("bad").inflight], [text.length, 0]);
    assert.deepEqual(plane.faults, []);
  });

  for (const [how, cut] of [
    ["resets", resetAfter],
    ["closes", closeAfter],
  ] as const) {
    test(`${how} at any byte of a chunked answer never leaves a client with one that looks whole`, async (t) => {
      const head = "HTTP/1.1 200 X\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n";
      const text = `${head}4\r\nWiki\r\n3\r\nhey\r\n0\r\n\r\n`;
      const reply: Reply = (talk, request) =>
        cut(text.slice(0, Number(request.target.slice(1))))(talk, request);
      const { plane, good } = await startPair(t, reply, {
        more: { retry: { backoff: "0s", budget: "100%" } },
      });
      const lastLine = text.length - 2; // with "0" and its line end, all that matters has come
      for (let offset = head.length; offset < lastLine; offset++) {
        const answer = await ask(plane.port, { path: `/${offset}` });
        const isGood = answer.status === 200 && answer.isWhole && answer.body === "good";
        assert.ok(
          isGood || !answer.isWhole,
          `cut at ${offset}: ${answer.status} ${JSON.stringify(answer.body)}`,
        );
      }
      await plane.settled();
      assert.equal(plane.counts("bad").inflight, 0);
      assert.ok(good.count() <= text.length - head.length);
      assert.deepEqual(plane.faults, []);
    });
  }

  test("answers 503 for a while is tried again, and serves when it is over", async (t) => {
    const { plane, bad } = await startPair(t, status(503), {
      more: { retry: { backoff: "0s", budget: "100%" } },
    });
    for (let at = 0; at < 4; at++) assert.equal((await ask(plane.port)).body, "good");
    bad.reply = ok("back");
    assert.equal((await ask(plane.port)).body, "back");
    const { requests, errors, statuses } = plane.counts("bad");
    assert.deepEqual([requests, errors, statuses["5xx"], statuses["2xx"]], [5, 4, 4, 1]);
  });

  test("is slow but in time is waited for, and asked once", async (t) => {
    const slow: Reply = async (talk, request) => (await pause(200), ok("slow")(talk, request));
    const { plane, bad, good } = await startPair(t, slow, {
      more: { timeouts: { connect: "100ms", response: "4s" } },
    });
    assert.equal((await ask(plane.port)).body, "slow");
    assert.deepEqual([bad.count(), good.count()], [1, 0]);
  });
});
