import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { openTalk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ask, askMany, times } from "../../resilience/ask.ts";
import { ok, resetAfter, startCounting, status } from "../../resilience/counting-server.ts";
import type { CountingServer, Reply } from "../../resilience/counting-server.ts";
import { startBalancer } from "../../resilience/start-balancer.ts";
import type { Balancer } from "../../resilience/start-balancer.ts";

interface Fleet {
  readonly balancer: Balancer;
  readonly servers: readonly CountingServer[];
  readonly state: (name: string) => Promise<string>;
}

/** A proxy before servers that reply by these scripts, one each, and are judged by traffic. */
async function startFleet(t: Teardown, replies: readonly Reply[], passive: object = {}): Promise<Fleet> {
  const servers = await Promise.all(replies.map((reply) => startCounting(t, reply)));
  const balancer = await startBalancer(t, {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: servers.map(({ url }, at) => ({ url, name: `s${at}` })),
        health: { passive: { ejectFor: "1h", maxEjectFor: "10h", ...passive } },
        retry: { backoff: "0s", budget: "100%" },
      },
    },
    routes: [{ path: "/*", upstream: "app" }],
  });
  return { balancer, servers, state: async (name) => (await balancer.server(name)).state };
}

async function askTimes(balancer: Balancer, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let turn = 0; turn < count; turn++) statuses.push((await ask(balancer.port)).status);
  return statuses;
}

function ejections(balancer: Balancer): readonly string[] {
  return balancer.logs().filter((line) => line.includes("server is ejected"));
}

describe("passive health", () => {
  test("ejects a server after failures in a row, and says why", async (t) => {
    const { balancer, servers, state } = await startFleet(t, [status(503), ok(), ok()]);
    const [sick] = servers as [CountingServer];
    while (sick.count() < 4) await ask(balancer.port);
    assert.equal(await state("s0"), "up");
    while (sick.count() < 5) await ask(balancer.port);
    assert.equal(await state("s0"), "ejected");
    assert.ok((await askTimes(balancer, 9)).every((code) => code === 200));
    assert.equal(sick.count(), 5);
    assert.equal(ejections(balancer).length, 1);
    assert.match(
      ejections(balancer)[0] ?? "",
      /warn server is ejected upstream=app server=s0 was=up why="its requests fail, 5 in a row"/,
    );
  });

  test("counts connect errors and resets, but no other status than those listed", async (t) => {
    const { balancer, servers, state } = await startFleet(t, [resetAfter(""), status(500), ok()], {
      failures: 2,
    });
    await askTimes(balancer, 9);
    assert.deepEqual([await state("s0"), await state("s1")], ["ejected", "up"]);
    await servers[1]?.stop();
    await askTimes(balancer, 4);
    assert.equal(await state("s1"), "up"); // half of three servers is one: it is out already
    const refused = await startFleet(t, [ok(), ok()], { failures: 2 });
    await refused.servers[0]?.stop();
    await askTimes(refused.balancer, 4);
    assert.equal(await refused.state("s0"), "ejected");
  });

  test("forgets failures when an answer is good in between", async (t) => {
    let asked = 0;
    const flaky: Reply = (talk, request) => (asked++ % 3 === 2 ? ok() : status(503))(talk, request);
    const { balancer, state } = await startFleet(t, [flaky, ok()], { failures: 3, minRequests: 1000 });
    await askTimes(balancer, 24);
    assert.equal(await state("s0"), "up");
  });

  test("ejects by the share of failures, of enough requests", async (t) => {
    let asked = 0;
    const flaky: Reply = (talk, request) => (asked++ % 2 === 0 ? ok() : status(503))(talk, request);
    const { balancer, servers, state } = await startFleet(t, [flaky, ok()], {
      failureRate: "40%",
      minRequests: 20,
    });
    while ((servers[0]?.count() ?? 0) < 18) await ask(balancer.port);
    assert.equal(await state("s0"), "up");
    while ((servers[0]?.count() ?? 0) < 20) await ask(balancer.port);
    await eventually(async () => (await state("s0")) === "ejected");
    assert.equal(servers[0]?.count(), 20);
  });

  test("never ejects the last server, and no more than may be out at once", async (t) => {
    const alone = await startFleet(t, [status(503)], { failures: 1, maxEjected: "100%" });
    await askTimes(alone.balancer, 5);
    assert.equal(await alone.state("s0"), "up");
    const pair = await startFleet(t, [status(503), status(503)], { failures: 1, maxEjected: "100%" });
    await askTimes(pair.balancer, 8);
    const states = [await pair.state("s0"), await pair.state("s1")];
    assert.deepEqual(states.toSorted(), ["ejected", "up"]);
    const four = await startFleet(t, [status(503), status(503), status(503), ok()], { failures: 1 });
    await askTimes(four.balancer, 20);
    assert.equal(ejections(four.balancer).length, 2);
    const none = await startFleet(t, [status(503), ok()], { failures: 1, maxEjected: "0%" });
    await askTimes(none.balancer, 10);
    assert.equal(ejections(none.balancer).length, 0);
  });

  test("lets one request on trial decide: one alone, and the others go elsewhere", async (t) => {
    const gate = createGate();
    const { balancer, servers, state } = await startFleet(t, [status(503), ok()], {
      failures: 1,
      ejectFor: "100ms",
    });
    const [sick] = servers as [CountingServer];
    await askTimes(balancer, 2);
    assert.equal(await state("s0"), "ejected");
    const before = sick.count();
    sick.reply = async (talk, request) => {
      await gate.opened;
      await ok("well")(talk, request);
    };
    const crowd = await eventually(async () => {
      const answers = askMany(t, balancer.port, { connections: 4, questions: times(4) });
      await Promise.race([answers, eventually(() => sick.count() > before)]);
      return sick.count() > before && { answers };
    });
    assert.ok((await askTimes(balancer, 6)).every((code) => code === 200));
    assert.equal(sick.count(), before + 1);
    gate.open();
    await crowd.answers;
    await eventually(async () => (await state("s0")) === "up");
    await askTimes(balancer, 4);
    assert.ok(sick.count() > before + 1);
    assert.ok(balancer.logs().some((line) => /server is up .*why="its trial passed"/.test(line)));
  });

  test("ejects for longer each time that a trial fails, and the client of the trial is served", async (t) => {
    const { balancer, servers } = await startFleet(t, [status(503), ok()], {
      failures: 1,
      ejectFor: "60ms",
      maxEjectFor: "150ms",
    });
    const [sick] = servers as [CountingServer];
    const seenAt: number[] = [];
    sick.reply = (talk, request) => {
      seenAt.push(performance.now());
      return status(503)(talk, request);
    };
    await eventually(async () => {
      assert.equal((await ask(balancer.port)).status, 200);
      return seenAt.length >= 6;
    });
    const gaps = seenAt.slice(1).map((at, index) => at - (seenAt[index] ?? 0));
    for (const [index, leastMs] of [60, 120, 150, 150, 150].entries()) {
      assert.ok((gaps[index] ?? 0) >= leastMs - 5, gaps.map(Math.round).join(" "));
    }
    assert.ok((gaps[4] ?? 0) < 1000);
  });

  test("gives the trial to another where its client leaves", async (t) => {
    const { balancer, servers, state } = await startFleet(t, [status(503), ok()], {
      failures: 1,
      ejectFor: "50ms",
    });
    const [sick] = servers as [CountingServer];
    await askTimes(balancer, 2);
    const before = sick.count();
    sick.reply = (talk) => talk.closed;
    const leaver = await eventually(async () => {
      const talk = await openTalk(t, balancer.port);
      await talk.write("GET / HTTP/1.1\r\nhost: site.test\r\n\r\n");
      await Promise.race([talk.take("\r\n\r\n"), eventually(() => sick.count() > before)]);
      return sick.count() > before && talk;
    });
    sick.reply = ok();
    leaver.reset();
    await eventually(async () => {
      assert.equal((await ask(balancer.port)).status, 200);
      return (await state("s0")) === "up";
    });
  });

  test("does not blame a server for a client that leaves", async (t) => {
    const { balancer, servers, state } = await startFleet(t, [(talk) => talk.closed, ok()], { failures: 1 });
    const [slow] = servers as [CountingServer];
    for (let turn = 1; turn <= 3; turn++) {
      await eventually(async () => {
        const talk = await openTalk(t, balancer.port);
        await talk.write("GET / HTTP/1.1\r\nhost: site.test\r\n\r\n");
        await Promise.race([talk.take("\r\n\r\n"), eventually(() => slow.count() === turn)]);
        talk.reset();
        return slow.count() === turn;
      });
    }
    await eventually(async () => (await balancer.server("s0")).inflight === 0);
    const { requests, errors } = await balancer.server("s0");
    assert.deepEqual([await state("s0"), requests, errors], ["up", 3, 0]);
  });

  test("judges nobody where it is off", async (t) => {
    const bad = await startCounting(t, status(503));
    const balancer = await startBalancer(t, {
      upstreams: {
        app: {
          servers: [{ url: bad.url, name: "s0" }, (await startCounting(t)).url],
          health: { passive: "off" },
        },
      },
      routes: [{ path: "/*", upstream: "app" }],
    });
    await askTimes(balancer, 40);
    assert.equal((await balancer.server("s0")).state, "up");
  });
});
