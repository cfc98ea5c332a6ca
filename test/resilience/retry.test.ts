import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pause } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane, TestPlaneOptions } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask } from "./ask.ts";
import { answerText, hang, ok, resetAfter, startCounting, status, takeUpload } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";

interface Retried {
  readonly plane: TestPlane;
  readonly servers: readonly CountingServer[];
  /** How often each server saw the request of this id. */
  readonly seen: (id: string) => readonly number[];
}

interface Settings {
  readonly retry?: object;
  readonly timeouts?: object;
}

/** A proxy whose servers reply by these scripts and are asked in this order. */
async function startRetried(
  t: Teardown,
  replies: readonly Reply[],
  { upstream = {}, options = {} }: { readonly upstream?: Settings; readonly options?: TestPlaneOptions } = {},
): Promise<Retried> {
  const servers = await Promise.all(replies.map((reply) => startCounting(t, reply)));
  const config = proxyTo(
    servers.map(({ url }, at) => ({ url, name: `s${at}` })),
    {
      health: { passive: "off" },
      ...upstream,
      retry: { backoff: "0s", budget: "100%", ...upstream.retry },
    },
  );
  const plane = await startPlaneFor(t, config, options);
  return { plane, servers, seen: (id) => servers.map((server) => server.times(id)) };
}

const GOOD = ok("good");

describe("a retry", () => {
  const methods: readonly (readonly [method: string, isRetried: boolean])[] = [
    ["GET", true],
    ["HEAD", true],
    ["OPTIONS", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
    ["PROPFIND", false],
  ];
  for (const [method, isRetried] of methods) {
    test(`of ${method} is ${isRetried ? "" : "not "}made after 503 and after a reset`, async (t) => {
      for (const bad of [status(503), resetAfter("")]) {
        const { plane, seen } = await startRetried(t, [bad, GOOD]);
        const answer = await ask(plane.port, { method, fields: { "x-id": "a" } });
        assert.equal(answer.status === 200, isRetried);
        assert.deepEqual(seen("a"), isRetried ? [1, 1] : [1, 0]);
      }
    });
  }

  const conditions: readonly (readonly [on: readonly unknown[], bad: Reply, isRetried: boolean])[] = [
    [[], status(503), false],
    [[], resetAfter(""), false],
    [["connect"], resetAfter(""), false],
    [["reset"], resetAfter(""), true],
    [["reset"], status(503), false],
    [["reset"], hang, false],
    [["timeout"], hang, true],
    [[503], status(503), true],
    [[503], status(502), false],
    [[429], status(429), true],
    [[404], status(404), true],
    [["reset", 500], status(404), false],
  ];
  for (const [at, [on, bad, isRetried]] of conditions.entries()) {
    test(`is made where on: [${on.join(", ")}] says so (${at})`, async (t) => {
      const { plane, seen } = await startRetried(t, [bad, GOOD], {
        upstream: { retry: { on }, timeouts: { response: "150ms", connect: "100ms" } },
      });
      const answer = await ask(plane.port, { fields: { "x-id": "a" } });
      assert.deepEqual([answer.body === "good", ...seen("a")], isRetried ? [true, 1, 1] : [false, 1, 0]);
    });
  }

  test("is not made after a refused connection where `connect` is not listed", async (t) => {
    const good = await startCounting(t);
    const servers = [`http://127.0.0.1:${await freePort()}`, good.url];
    const plane = await startPlaneFor(t, proxyTo(servers, { retry: { on: ["reset", "timeout"] } }));
    assert.equal((await ask(plane.port)).status, 502);
    assert.equal(good.count(), 0);
  });

  test("from a server that is not there is not held back by the budget while others answer", async (t) => {
    const good = [await startCounting(t), await startCounting(t)];
    const servers = [`http://127.0.0.1:${await freePort()}`, ...good.map(({ url }) => url)];
    const settings = { health: { passive: "off" }, retry: { budget: "0%", backoff: "0s" } };
    const plane = await startPlaneFor(t, proxyTo(servers, settings));
    for (let turn = 0; turn < 40; turn++) {
      assert.equal((await ask(plane.port, { method: turn % 2 === 0 ? "GET" : "POST" })).status, 200);
    }
    for (const server of good) await server.stop();
    for (let turn = 0; turn < 20; turn++) assert.equal((await ask(plane.port)).status, 502);
  });

  test("goes through the servers, each once, as often as it may", async (t) => {
    const bad = status(503);
    for (const [attempts, expected] of [
      [0, [0, 0, 1]],
      [1, [0, 1, 1]],
      [2, [1, 1, 1]],
      [9, [1, 1, 1]],
    ] as const) {
      const { plane, seen } = await startRetried(t, [bad, bad, bad], { upstream: { retry: { attempts } } });
      assert.equal((await ask(plane.port, { fields: { "x-id": "a" } })).status, 503);
      assert.deepEqual(
        seen("a").toSorted((a, b) => a - b),
        expected,
      );
    }
  });

  test("sends the same body again, whole, as long as it was small enough to keep", async (t) => {
    for (const [framing, size, limit, isRetried] of [
      ["length", 10, "64KiB", true],
      ["length", 65_536, "64KiB", true],
      ["length", 65_537, "64KiB", false],
      ["chunked", 10, "64KiB", true],
      ["chunked", 2_000, "1KiB", false],
    ] as const) {
      const uploads: string[] = [];
      const { plane, seen } = await startRetried(
        t,
        [
          status(503),
          async (talk, request) => {
            uploads.push(await takeUpload(talk, request));
            await talk.write(answerText(200, { text: "good" }));
          },
        ],
        { upstream: { retry: { bodyLimit: limit } } },
      );
      const body = "0123456789".repeat(Math.ceil(size / 10)).slice(0, size);
      const rawBody = `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      const answer = await ask(plane.port, {
        method: "PUT",
        ...(framing === "length"
          ? { body, fields: { "x-id": "a" } }
          : { rawBody, fields: { "x-id": "a", "transfer-encoding": "chunked" } }),
      });
      assert.deepEqual(
        [answer.status === 200, ...seen("a")],
        isRetried ? [true, 1, 1] : [false, 1, 0],
        `${size}`,
      );
      assert.ok(uploads.every((upload) => upload === body));
    }
  });

  test("waits by chance, and for twice as long each time", async (t) => {
    const seenAt: number[] = [];
    const bad: Reply = (talk, request) => {
      seenAt.push(performance.now());
      return status(503)(talk, request);
    };
    const { plane } = await startRetried(t, [bad, bad, bad, bad], {
      upstream: { retry: { attempts: 3, backoff: "80ms" } },
      options: { host: { random: () => 0.999 } },
    });
    await ask(plane.port);
    const waitedMs = seenAt.slice(1).map((at, index) => at - (seenAt[index] ?? 0));
    for (const [index, leastMs] of [80, 160, 250].entries())
      assert.ok((waitedMs[index] ?? 0) >= leastMs - 5, waitedMs.map(Math.round).join(" "));
  });

  test("waits at most 250 ms, however long the first wait is to be", async (t) => {
    const { plane } = await startRetried(t, [status(503), status(503), GOOD], {
      upstream: { retry: { attempts: 2, backoff: "10s" } },
      options: { host: { random: () => 0.999 } },
    });
    const startedMs = performance.now();
    assert.equal((await ask(plane.port)).body, "good");
    assert.ok(performance.now() - startedMs < 5_000);
  });

  test("does not wait where chance says 0", async (t) => {
    const { plane } = await startRetried(t, [status(503), GOOD], {
      upstream: { retry: { backoff: "10s" } },
      options: { host: { random: () => 0 } },
    });
    const startedMs = performance.now();
    assert.equal((await ask(plane.port)).body, "good");
    assert.ok(performance.now() - startedMs < 1_000);
  });

  test("is only made within the budget: three, or the share of the last requests", async (t) => {
    const { plane, servers } = await startRetried(t, [status(503), status(503)], {
      upstream: { retry: { budget: "20%" } },
    });
    for (let turn = 0; turn < 40; turn++) await ask(plane.port);
    const attempts = servers.reduce((sum, server) => sum + server.count(), 0);
    assert.equal(attempts, 48);
    const none = await startRetried(t, [status(503), status(503)], { upstream: { retry: { budget: "0%" } } });
    for (let turn = 0; turn < 20; turn++) await ask(none.plane.port);
    assert.equal(
      none.servers.reduce((sum, server) => sum + server.count(), 0),
      23,
    );
  });

  test("does not outlive the time for the whole exchange, over all attempts", async (t) => {
    const slowly: Reply = async (talk, request) => {
      await pause(200);
      await status(503)(talk, request);
    };
    const { plane } = await startRetried(t, [slowly, slowly, slowly, slowly, slowly], {
      upstream: { retry: { attempts: 9 }, timeouts: { total: "500ms", connect: "0s" } },
    });
    const startedMs = performance.now();
    const answer = await ask(plane.port);
    const tookMs = performance.now() - startedMs;
    assert.equal(answer.status, 504);
    assert.ok(tookMs >= 480 && tookMs < 900, `${tookMs}`);
    const [line] = await plane.settled();
    assert.equal(line?.attempts?.length, 3);
  });

  test("is not made where time is up already", async (t) => {
    const { plane, servers } = await startRetried(t, [hang, GOOD], {
      upstream: { timeouts: { total: "150ms", connect: "0s" } },
    });
    assert.equal((await ask(plane.port)).status, 504);
    assert.equal(servers[1]?.count(), 0);
  });

  test("is not made for a client that has left", async (t) => {
    const { plane, servers } = await startRetried(t, [hang, GOOD]);
    await ask(plane.port, { timeoutMs: 150 });
    const [line] = await plane.settled();
    assert.equal(line?.status, 499);
    assert.equal(servers[1]?.count(), 0);
  });

  test("says in the log what was tried", async (t) => {
    const { plane } = await startRetried(t, [resetAfter(""), GOOD, status(503)], {
      upstream: { retry: { attempts: 2 } },
    });
    await ask(plane.port);
    const [line] = await plane.settled();
    assert.deepEqual(
      line?.attempts?.map(({ server, outcome }) => [server, outcome]),
      [
        ["s0", "connection_terminated"],
        ["s2", 503],
        ["s1", 200],
      ],
    );
  });
});
