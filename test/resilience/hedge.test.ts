import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, pause } from "../kit/eventually.ts";
import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { ask } from "./ask.ts";
import { hang, ok, resetAfter, startCounting, status } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";

interface Hedged {
  readonly plane: TestPlane;
  readonly first: CountingServer;
  readonly second: CountingServer;
}

/** A proxy that asks a second server when the first takes longer than 40 ms. */
async function startHedged(
  t: Teardown,
  [first, second]: readonly [Reply, Reply],
  upstream: object = {},
): Promise<Hedged> {
  const servers = [await startCounting(t, first), await startCounting(t, second)] as const;
  const plane = await startPlaneFor(
    t,
    proxyTo(
      [
        { url: servers[0].url, name: "first" },
        { url: servers[1].url, name: "second", backup: true }, // so that the first is asked first
      ],
      { hedge: "40ms", health: { passive: "off" }, retry: { backoff: "0s" }, ...upstream },
    ),
  );
  return { plane, first: servers[0], second: servers[1] };
}

function after(delayMs: number, reply: Reply): Reply {
  return async (talk, request) => {
    await pause(delayMs);
    await reply(talk, request);
  };
}

describe("a hedge", () => {
  test("asks another server after the delay, takes its answer, and cuts the first attempt", async (t) => {
    let isCut = false;
    const slow: Reply = async (talk) => {
      await talk.closed;
      isCut = true;
    };
    const { plane, first, second } = await startHedged(t, [slow, ok("second")]);
    const answer = await ask(plane.port, { fields: { "x-id": "a" } });
    assert.deepEqual([answer.status, answer.body], [200, "second"]);
    assert.deepEqual([first.times("a"), second.times("a")], [1, 1]);
    await eventually(() => isCut);
    await plane.settled();
    const [one, two] = [plane.counts("first"), plane.counts("second")];
    assert.deepEqual([one.requests, one.errors, one.inflight], [1, 0, 0]); // it was slow, which is no failure
    assert.deepEqual([two.requests, two.errors, two.inflight, two.retries], [1, 0, 0, 1]);
    assert.deepEqual(plane.faults, []);
  });

  test("asks nobody else where the answer comes in time", async (t) => {
    const { plane, second } = await startHedged(t, [ok("first"), ok("second")], { hedge: "3s" });
    for (let turn = 0; turn < 5; turn++) assert.equal((await ask(plane.port)).body, "first");
    assert.equal(second.count(), 0);
  });

  test("takes the first server's answer where that is still the earlier one", async (t) => {
    let isCut = false;
    const slower: Reply = async (talk) => {
      await talk.closed;
      isCut = true;
    };
    const { plane, second } = await startHedged(t, [after(250, ok("first")), slower]);
    assert.equal((await ask(plane.port)).body, "first");
    assert.equal(second.count(), 1);
    await eventually(() => isCut);
  });

  for (const [what, bad] of [
    ["an error", status(503)],
    ["a reset", resetAfter("")],
  ] as const) {
    test(`does not take ${what} while the other answer may be good`, async (t) => {
      const { plane } = await startHedged(t, [after(250, ok("first")), bad]);
      assert.equal((await ask(plane.port)).body, "first");
      const other = await startHedged(t, [after(150, bad), after(250, ok("second"))]);
      assert.equal((await ask(other.plane.port)).body, "second");
    });
  }

  test("gives the last failure where both are bad, and asks nobody a third time", async (t) => {
    const { plane, first, second } = await startHedged(t, [after(250, status(503)), status(502)]);
    assert.equal((await ask(plane.port)).status, 503);
    assert.deepEqual([first.count(), second.count()], [1, 1]);
    await plane.settled();
    assert.equal(plane.board.exchanges(), 0);
    assert.deepEqual([plane.counts("first").inflight, plane.counts("second").inflight], [0, 0]);
  });

  test("is only for GET and HEAD", async (t) => {
    const { plane, second } = await startHedged(t, [after(120, ok("first")), ok("second")]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      assert.equal((await ask(plane.port, { method })).status, 200);
    }
    assert.equal(second.count(), 0);
    await ask(plane.port, { method: "HEAD" });
    assert.equal(second.count(), 1);
  });

  test("stays within the budget of retries", async (t) => {
    const { plane, first, second } = await startHedged(t, [after(120, ok("first")), hang], {
      hedge: "20ms",
      timeouts: { response: "5s" },
    });
    for (let turn = 0; turn < 12; turn++) assert.equal((await ask(plane.port)).body, "first");
    assert.equal(first.count(), 12);
    assert.equal(second.count(), 3);
  });

  test("waits for as long as 95 % of the answers took, once enough are known", async (t) => {
    let isSlow = false;
    const reply: Reply = (talk, request) => (isSlow ? talk.closed : ok("first")(talk, request));
    const { plane, second } = await startHedged(t, [reply, ok("second")], {
      hedge: "p95",
      timeouts: { response: "2s" },
    });
    for (let turn = 0; turn < 19; turn++) await ask(plane.port);
    assert.equal(second.count(), 0);
    await eventually(async () => {
      isSlow = false;
      await ask(plane.port);
      isSlow = true;
      const startedMs = performance.now();
      const { body } = await ask(plane.port);
      return body === "second" && performance.now() - startedMs < 1_000;
    }, 8_000);
  });

  test("leaves nothing behind where the client leaves meanwhile", async (t) => {
    const { plane, second } = await startHedged(t, [hang, hang]);
    void ask(plane.port, { timeoutMs: 200 });
    await eventually(() => second.count() === 1);
    await eventually(() => plane.board.exchanges() === 0);
    assert.deepEqual([plane.counts("first").inflight, plane.counts("second").inflight], [0, 0]);
    assert.deepEqual([plane.counts("first").errors, plane.counts("second").errors], [0, 0]);
  });
});
