import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pause } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { startProxy } from "../kit/start-proxy.ts";
import type { Teardown } from "../kit/teardown.ts";
import { askMany, times } from "./ask.ts";
import type { Answered, Question } from "./ask.ts";
import { ok, resetAfter, startCounting, status } from "./counting-server.ts";
import type { CountingServer, Reply } from "./counting-server.ts";
import { startBalancer } from "./start-balancer.ts";
import type { Balancer } from "./start-balancer.ts";

const CONNECTIONS = 32;

function statusesOf(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status: code, isWhole } of answers) {
    const key = isWhole ? `${code}` : `${code} broken`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Takes a little time, so that requests are under way when a server dies. */
const busy: Reply = async (talk, request) => {
  await pause(4);
  await ok()(talk, request);
};

function startThree(t: Teardown, reply: Reply = busy): Promise<CountingServer[]> {
  return Promise.all(Array.from({ length: 3 }, () => startCounting(t, reply)));
}

function attemptsOf(balancer: Balancer): Promise<number> {
  return balancer.servers().then((servers) => servers.reduce((sum, { requests }) => sum + requests, 0));
}

async function nowhere(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

/** Questions until somebody says stop; `at` is called with how many were asked. */
function* until(isOver: () => boolean, at: (asked: number) => void): Generator<Question> {
  for (let asked = 0; !isOver(); asked++) {
    at(asked);
    yield { fields: { "x-id": String(asked) } };
  }
}

describe("under load", () => {
  test("one of three servers dies and comes back: no GET fails, and it is used again", async (t) => {
    const servers = await startThree(t);
    const [, , third] = servers as [CountingServer, CountingServer, CountingServer];
    const balancer = await startBalancer(t, {
      upstreams: {
        app: { servers: servers.map(({ url }) => url), health: { passive: { ejectFor: "200ms" } } },
      },
      routes: [{ path: "/*", upstream: "app" }],
    });
    let reborn: CountingServer | undefined;
    const begun: Promise<unknown>[] = [];
    const questions = until(
      () => (reborn?.count() ?? 0) > 50,
      (asked) => {
        if (asked === 500) begun.push(third.stop());
        if (asked === 1500) begun.push(startCounting(t, ok(), third.port).then((again) => (reborn = again)));
      },
    );
    const answers = await askMany(t, balancer.port, { connections: CONNECTIONS, questions });
    await Promise.all(begun);
    assert.deepEqual(statusesOf(answers), { 200: answers.length });
    assert.ok(balancer.logs().some((line) => /server is ejected .*why=/.test(line)));
    assert.ok(balancer.logs().some((line) => /info server is up .*trial passed/.test(line)));
    for (const { inflight } of await balancer.servers()) assert.equal(inflight, 0);
  });

  for (const balance of ["round-robin", "power-of-two", "least-connections", "response-time", "hash"]) {
    test(`one of three servers dies: no GET fails with ${balance}`, async (t) => {
      const servers = await startThree(t);
      const balancer = await startBalancer(t, {
        upstreams: { app: { balance, servers: servers.map(({ url }) => url) } },
        routes: [{ path: "/*", upstream: "app" }],
      });
      let dying: Promise<void> | undefined;
      const busiest = (): CountingServer =>
        servers.toSorted((a, b) => b.count() - a.count())[0] as CountingServer;
      const questions = until(
        () => servers.reduce((sum, server) => sum + server.count(), 0) > 1200,
        (asked) => {
          if (asked === 400) dying = busiest().stop();
        },
      );
      const answers = await askMany(t, balancer.port, { connections: CONNECTIONS, questions });
      await dying;
      assert.deepEqual(statusesOf(answers), { 200: answers.length });
    });
  }

  const failures: readonly (readonly [what: string, reply: Reply | undefined])[] = [
    ["refuse", undefined],
    ["answer 503", status(503)],
    ["reset", resetAfter("")],
  ];
  for (const [what, reply] of failures) {
    test(`all servers ${what}: attempts stay within 1.3 × the requests`, async (t) => {
      const servers = reply ? await startThree(t, reply) : [];
      const urls = reply ? servers.map(({ url }) => url) : await Promise.all([1, 2, 3].map(nowhere));
      const balancer = await startBalancer(t, {
        upstreams: { app: { servers: urls } },
        routes: [{ path: "/*", upstream: "app" }],
      });
      const count = 600;
      const answers = await askMany(t, balancer.port, { connections: CONNECTIONS, questions: times(count) });
      assert.equal(answers.length, count);
      assert.ok(answers.every((answer) => answer.status >= 500 && answer.isWhole));
      const attempts = await attemptsOf(balancer);
      assert.ok(attempts <= 1.3 * count, `${attempts} attempts for ${count} requests`);
      if (reply)
        assert.equal(
          servers.reduce((sum, server) => sum + server.count(), 0),
          attempts,
        );
    });
  }
});

describe("under load, over two workers", () => {
  test("one of three servers dies: no GET fails, and all workers leave it alone", async (t) => {
    const servers = await startThree(t);
    const [, , third] = servers as [CountingServer, CountingServer, CountingServer];
    const proxy = await startProxy(t, {
      upstreams: { app: { servers: servers.map(({ url }) => url) } },
      routes: [{ path: "/*", upstream: "app" }],
      workers: 2,
      accessLog: { format: "off" },
    });
    let dying: Promise<void> | undefined;
    const questions = until(
      () => servers.reduce((sum, server) => sum + server.count(), 0) > 1500,
      (asked) => {
        if (asked === 500) dying = third.stop();
      },
    );
    const answers = await askMany(t, proxy.port, { connections: CONNECTIONS, questions });
    await dying;
    assert.deepEqual(statusesOf(answers), { 200: answers.length });
    assert.equal(proxy.logs().match(/server is ejected/g)?.length, 1);
  });
});
