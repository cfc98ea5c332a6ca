import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createSplit } from "../../../src/data/route/split.ts";
import type { Exchange } from "../../../src/data/exchange/exchange.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ask, askMany } from "../../resilience/ask.ts";
import type { Question } from "../../resilience/ask.ts";
import { ok, startCounting } from "../../resilience/counting-server.ts";

const shares = { app: 90, canary: 10 };

async function startSplit(t: Teardown, split: object = shares, more: object = {}): Promise<TestPlane> {
  const upstreams = Object.fromEntries(
    await Promise.all(
      ["app", "canary"].map(async (name) => {
        const servers = [(await startCounting(t, ok(name))).url, (await startCounting(t, ok(name))).url];
        return [name, { balance: "round-robin", servers, ...more }] as const;
      }),
    ),
  );
  return startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } },
    upstreams,
    routes: [{ path: "/*", split }],
  });
}

function clientOf(at: number): string {
  return `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
}

function questionOf(at: number): Question {
  return { fields: { "x-forwarded-for": clientOf(at) } };
}

/** Asks as so many clients; which upstream each of them got. */
async function waysOf(t: Teardown, plane: TestPlane, count: number): Promise<readonly string[]> {
  const ways: string[] = [];
  const groups = Array.from({ length: 8 }, async (_, group) => {
    const clients = Array.from({ length: count / 8 }, (_place, at) => group * (count / 8) + at);
    const answers = await askMany(t, plane.port, {
      connections: 1,
      questions: clients.map(questionOf).values(),
    });
    for (const [at, client] of clients.entries()) ways[client] = answers[at]?.body ?? "";
  });
  await Promise.all(groups);
  return ways;
}

function shareOf(ways: readonly string[], name: string): number {
  return ways.filter((way) => way === name).length / ways.length;
}

describe("a split", () => {
  test("spreads clients by weight, and each of them stays with its way", async (t) => {
    const plane = await startSplit(t);
    const ways = await waysOf(t, plane, 2_000);
    const share = shareOf(ways, "canary");
    assert.ok(Math.abs(share - 0.1) < 0.025, `${share}`);
    for (let at = 0; at < 2_000; at += 97)
      assert.equal((await ask(plane.port, questionOf(at))).body, ways[at]);
  });

  test("moves only as many clients as must when the weights change", () => {
    const before = createSplit("r", waysBy({ a: 90, b: 10 }));
    const after = createSplit("r", waysBy({ a: 80, b: 20 }));
    let moved = 0;
    for (let at = 0; at < 4_000; at++) {
      const exchange = { client: clientOf(at) } as Exchange;
      if (before(exchange) === after(exchange)) continue;
      moved++;
      assert.equal(before(exchange), "a");
    }
    assert.ok(Math.abs(moved / 4_000 - 0.1) < 0.02, `${moved}`);
  });

  test("gives a way of weight 0 nobody, and two routes do not put the same clients together", () => {
    const none = createSplit("r", waysBy({ a: 0, b: 5, c: 0 }));
    const one = createSplit("one", waysBy({ a: 1, b: 1 }));
    const two = createSplit("two", waysBy({ a: 1, b: 1 }));
    let same = 0;
    for (let at = 0; at < 4_000; at++) {
      const exchange = { client: clientOf(at) } as Exchange;
      assert.equal(none(exchange), "b");
      if (one(exchange) === two(exchange)) same++;
    }
    assert.ok(Math.abs(same / 4_000 - 0.5) < 0.04, `${same}`);
  });

  test("leads a client with a session back to it, wherever its address would lead", async (t) => {
    const plane = await startSplit(t, { app: 50, canary: 50 }, { sticky: { secrets: ["a"] } });
    const first = await ask(plane.port, questionOf(1));
    const cookie = (first.head.get("set-cookie") ?? "").split(";")[0] ?? "";
    for (let at = 2; at < 20; at++) {
      const answer = await ask(plane.port, { fields: { ...questionOf(at).fields, cookie } });
      assert.deepEqual([answer.body, answer.head.all("set-cookie")], [first.body, []]);
    }
  });
});

function waysBy(weights: Record<string, number>): { to: string; weight: number; isHome: () => boolean }[] {
  return Object.entries(weights).map(([to, weight]) => ({ to, weight, isHome: () => false }));
}
