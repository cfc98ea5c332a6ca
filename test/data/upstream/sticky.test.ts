import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ask } from "../../resilience/ask.ts";
import type { Answered } from "../../resilience/ask.ts";
import { ok, startCounting, status } from "../../resilience/counting-server.ts";
import type { CountingServer } from "../../resilience/counting-server.ts";
import { startBalancer } from "../../resilience/start-balancer.ts";
import type { Balancer } from "../../resilience/start-balancer.ts";

interface Group {
  readonly servers: readonly CountingServer[];
  readonly configOf: (changes?: object) => Record<string, unknown>;
}

/** Servers that answer with their number, and a configuration that keeps clients with them. */
async function startGroup(t: Teardown, count = 3): Promise<Group> {
  const servers = await Promise.all(Array.from({ length: count }, (_, at) => startCounting(t, ok(`s${at}`))));
  const upstream = {
    balance: "round-robin",
    servers: servers.map(({ url }, at) => ({ url, name: `s${at}` })),
    sticky: { secrets: ["first secret"] },
    retry: { backoff: "0s" },
  };
  return {
    servers,
    configOf: (changes = {}) => ({
      upstreams: { app: { ...upstream, ...changes } },
      routes: [{ path: "/*", upstream: "app" }],
    }),
  };
}

/** What the browser would send back, of the cookies that an answer sets. */
function cookieOf(answer: Answered): string {
  return answer.head
    .all("set-cookie")
    .map((line) => line.split(";")[0])
    .join("; ");
}

async function join(balancer: Balancer): Promise<{ cookie: string; body: string }> {
  const answer = await ask(balancer.port);
  assert.equal(answer.head.all("set-cookie").length, 1);
  return { cookie: cookieOf(answer), body: answer.body };
}

function askWith(balancer: Balancer, cookie: string): Promise<Answered> {
  return ask(balancer.port, { fields: { cookie } });
}

describe("a sticky session", () => {
  test("begins with an opaque cookie that scripts cannot read", async (t) => {
    const { servers, configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { head, body } = await ask(balancer.port);
    const line = head.get("set-cookie") ?? "";
    assert.match(line, /^headgate=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/i);
    for (const { port } of servers) {
      assert.ok(!line.includes(String(port)));
      assert.ok(!Buffer.from(line.slice(9, 31), "base64url").includes(String(port)));
    }
    assert.ok(!line.includes(body));
    assert.match(head.get("cache-control") ?? "", /private/);
  });

  test("keeps its client with its server, whose cookie nobody but we see", async (t) => {
    const { servers, configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    for (let turn = 0; turn < 7; turn++) {
      const answer = await askWith(balancer, `a=1; ${cookie}; b=2`);
      assert.equal(answer.body, body);
      assert.deepEqual(answer.head.all("set-cookie"), []);
    }
    await askWith(balancer, cookie);
    const server = servers[Number(body.slice(1))];
    const seen = server?.seen.slice(-2).map(({ head }) => head.get("cookie"));
    assert.deepEqual(seen, ["a=1; b=2", undefined]);
  });

  test("has a cookie for https only where the client came by https", async (t) => {
    const { configOf } = await startGroup(t, 1);
    const config = configOf({ sticky: { cookie: "stay", maxAge: "2h" } });
    const listeners = { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } };
    const trusting = await startBalancer(t, { ...config, listeners });
    const secure = await ask(trusting.port, { fields: { "x-forwarded-proto": "https" } });
    assert.match(secure.head.get("set-cookie") ?? "", /^stay=.*; Max-Age=7200.*; Secure/i);
    assert.doesNotMatch((await ask(trusting.port)).head.get("set-cookie") ?? "", /Secure/i);
    const wary = await startBalancer(t, config);
    const spoofed = await ask(wary.port, { fields: { "x-forwarded-proto": "https" } });
    assert.doesNotMatch(spoofed.head.get("set-cookie") ?? "", /Secure/i);
  });

  test("survives a reload, a rotation of secrets, and gets the new secret's cookie", async (t) => {
    const { configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    await balancer.reload({ ...configOf(), compression: false });
    assert.equal((await askWith(balancer, cookie)).body, body);
    await balancer.reload(configOf({ sticky: { secrets: ["second secret", "first secret"] } }));
    const rotated = await askWith(balancer, cookie);
    const renewed = cookieOf(rotated);
    assert.equal(rotated.body, body);
    assert.match(renewed, /^headgate=/);
    assert.notEqual(renewed, cookie);
    await balancer.reload(configOf({ sticky: { secrets: ["second secret"] } }));
    assert.equal((await askWith(balancer, renewed)).body, body);
    assert.notEqual(cookieOf(await askWith(balancer, cookie)), "");
  });

  test("survives a reload where nobody configured a secret", async (t) => {
    const { configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf({ sticky: {} }));
    const { cookie, body } = await join(balancer);
    await balancer.reload(configOf({ sticky: {}, retry: { attempts: 2 } }));
    const answer = await askWith(balancer, cookie);
    assert.deepEqual([answer.body, cookieOf(answer)], [body, ""]);
  });

  test("survives the draining of its server, which takes nobody new", async (t) => {
    const { servers, configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    const drained = servers.map(({ url }, at) => ({
      url,
      name: `s${at}`,
      weight: `s${at}` === body ? 0 : 1,
    }));
    await balancer.reload(configOf({ servers: drained }));
    assert.equal((await balancer.server(body)).state, "draining");
    for (let turn = 0; turn < 6; turn++) {
      assert.equal((await askWith(balancer, cookie)).body, body);
      assert.notEqual((await ask(balancer.port)).body, body);
    }
  });

  test("moves to another server where its own is gone, and stays there", async (t) => {
    const { servers, configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    await servers[Number(body.slice(1))]?.stop();
    const moved = await askWith(balancer, cookie);
    assert.equal(moved.status, 200);
    assert.notEqual(moved.body, body);
    const renewed = cookieOf(moved);
    for (let turn = 0; turn < 4; turn++) assert.equal((await askWith(balancer, renewed)).body, moved.body);
  });

  test("leaves a server that answers 503, whose error does not bind anybody", async (t) => {
    const { servers, configOf } = await startGroup(t, 2);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    const server = servers[Number(body.slice(1))] as CountingServer;
    server.reply = status(503);
    const moved = await askWith(balancer, cookie);
    assert.deepEqual([moved.status, moved.body === body], [200, false]);
    assert.notEqual(cookieOf(moved), "");
  });

  test("is not believed where its cookie is forged, cut short or foreign", async (t) => {
    const { configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie } = await join(balancer);
    const value = cookie.slice("headgate=".length);
    const changed = (value.startsWith("A") ? "B" : "A") + value.slice(1);
    const lastChanged = value.slice(0, -1) + (value.endsWith("A") ? "B" : "A");
    const wrong = [
      "",
      "x",
      changed,
      lastChanged,
      value.slice(0, -1),
      `${value}A`,
      "127.0.0.1:80",
      "s0",
      "%00",
      "a".repeat(3000),
    ];
    for (const forged of [...wrong, '"', ".".repeat(100), `${"x.".repeat(50)}${value}`]) {
      const answer = await askWith(balancer, `headgate=${forged}`);
      assert.equal(answer.status, 200, forged);
      assert.match(cookieOf(answer), /^headgate=[\w-]{22}$/, forged);
    }
    const foreign = await startBalancer(t, configOf({ sticky: { secrets: ["another secret"] } }));
    assert.match(cookieOf(await askWith(foreign, cookie)), /^headgate=[\w-]{22}$/);
  });

  test("in two upstreams on one host keeps both", async (t) => {
    const { configOf } = await startGroup(t);
    const { upstreams } = configOf() as { upstreams: { app: object } };
    const balancer = await startBalancer(t, {
      upstreams: { one: upstreams.app, two: upstreams.app },
      routes: [
        { path: "/one", upstream: "one" },
        { path: "/two", upstream: "two" },
      ],
    });
    const one = await ask(balancer.port, { path: "/one" });
    await ask(balancer.port, { path: "/two" }); // so that the next does not happen to get the same place
    const two = await ask(balancer.port, { path: "/two", fields: { cookie: cookieOf(one) } });
    const both = cookieOf(two);
    for (let turn = 0; turn < 4; turn++) {
      const again = await ask(balancer.port, { path: "/one", fields: { cookie: both } });
      assert.deepEqual([again.body, cookieOf(again)], [one.body, ""]);
      const other = await ask(balancer.port, { path: "/two", fields: { cookie: both } });
      assert.deepEqual([other.body, cookieOf(other)], [two.body, ""]);
    }
  });

  test("does not overwrite a server's own cookie of that name", async (t) => {
    const { servers, configOf } = await startGroup(t, 1);
    (servers[0] as CountingServer).reply = ok(
      "s0",
      "set-cookie: headgate=mine; Path=/x\r\nset-cookie: a=b\r\n",
    );
    const balancer = await startBalancer(t, configOf());
    const answer = await ask(balancer.port);
    assert.deepEqual(answer.head.all("set-cookie"), ["headgate=mine; Path=/x", "a=b"]);
  });

  test("tells shared caches nothing of it", async (t) => {
    const { servers, configOf } = await startGroup(t, 1);
    const balancer = await startBalancer(t, configOf());
    for (const [given, expected] of [
      ["public, max-age=60", /^private, max-age=60$/],
      ["max-age=5, s-maxage=60", /^private, max-age=5,?$/],
      ["no-store", /^no-store$/],
      ["private", /^private$/],
    ] as const) {
      (servers[0] as CountingServer).reply = ok("s0", `cache-control: ${given}\r\n`);
      assert.match((await ask(balancer.port)).head.get("cache-control") ?? "", expected, given);
    }
  });

  test("binds a WebSocket to its server, too", async (t) => {
    const { configOf } = await startGroup(t);
    const balancer = await startBalancer(t, configOf());
    const { cookie, body } = await join(balancer);
    for (let turn = 0; turn < 3; turn++) {
      const before = (await balancer.server(body)).requests;
      const answer = await ask(balancer.port, {
        fields: {
          cookie,
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
        timeoutMs: 500,
      });
      assert.equal(answer.status, 502); // a server that answers 200 has not agreed
      await eventually(async () => (await balancer.server(body)).requests === before + 1);
    }
  });
});
