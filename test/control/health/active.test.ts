import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, pause } from "../../kit/eventually.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { ask } from "../../resilience/ask.ts";
import { hang, ok, startCounting, status } from "../../resilience/counting-server.ts";
import type { CountingServer, Reply } from "../../resilience/counting-server.ts";
import { startBalancer } from "../../resilience/start-balancer.ts";
import type { Balancer } from "../../resilience/start-balancer.ts";

const quick = { interval: "20ms", timeout: "2s" };

function configFor(
  servers: readonly CountingServer[],
  active: object,
  more: object = {},
): Record<string, unknown> {
  return {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: servers.map(({ url }, at) => ({ url, name: `s${at}` })),
        health: { active: { ...quick, ...active }, passive: "off" },
        ...more,
      },
    },
    routes: [{ path: "/*", upstream: "app" }],
  };
}

/** A proxy that probes two servers, of which the first replies to probes by a script. */
async function startProbed(
  t: Teardown,
  reply: Reply,
  active: object = {},
): Promise<{ balancer: Balancer; probed: CountingServer; other: CountingServer }> {
  const probed = await startCounting(t, reply);
  const other = await startCounting(t, ok("all is well"));
  return { balancer: await startBalancer(t, configFor([probed, other], active)), probed, other };
}

async function becomes(balancer: Balancer, state: string, name = "s0"): Promise<void> {
  await eventually(async () => (await balancer.server(name)).state === state);
}

function isDownBecause(balancer: Balancer, why: string): boolean {
  return balancer.logs().some((line) => line.includes("server is down") && line.includes(why));
}

const verdicts: readonly (readonly [what: string, reply: Reply, active: object, why: string | undefined])[] =
  [
    ["a server that passes", ok(), {}, undefined],
    ["a redirect, which is in 200-399", status(302, "", "location: http://127.0.0.1:1/\r\n"), {}, undefined],
    ["a redirect where only 200 will do", status(302, "", "location: /\r\n"), { status: 200 }, "status 302"],
    ["404", status(404), {}, "status 404"],
    ["404 where it is listed", status(404), { status: ["200-299", 404] }, undefined],
    ["500", status(500), { status: "200-399" }, "status 500"],
    ["an answer with the text", ok("all is well here"), { body: "is well" }, undefined],
    ["an answer without the text", ok("all is ill here"), { body: "is well" }, "does not contain the text"],
    ["a server that never answers", hang, { timeout: "300ms" }, "no answer in time"],
    ["a server that closes", (talk) => talk.end(), {}, "it closed the connection"],
    [
      "a server whose body never ends",
      async (talk) => {
        await talk.write("HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nsome");
        await talk.closed;
      },
      { body: "well", timeout: "300ms" },
      "no answer in time",
    ],
  ];

describe("active health", () => {
  for (const [what, reply, active, why] of verdicts) {
    test(`${why === undefined ? "keeps" : "takes down"} ${what}, by the first probe`, async (t) => {
      const { balancer, probed, other } = await startProbed(t, reply, { ...active, fall: 5, rise: 5 });
      if (why === undefined) {
        await eventually(() => probed.count() > 6);
        assert.equal((await balancer.server("s0")).state, "up");
      } else {
        await becomes(balancer, "down");
        assert.ok(isDownBecause(balancer, why), balancer.logs().join("\n"));
        const before = other.count();
        for (let turn = 0; turn < 4; turn++) await ask(balancer.port, { fields: { "x-id": "mine" } });
        assert.equal(probed.times("mine"), 0);
        assert.ok(other.count() >= before + 4);
      }
    });
  }

  test("takes a server down after `fall` failures in a row, and up after `rise` passes", async (t) => {
    const script: number[] = [200];
    let asked = 0;
    const reply: Reply = (talk, request) => status(script[asked++] ?? script.at(-1) ?? 200)(talk, request);
    const { balancer } = await startProbed(t, reply, { fall: 3, rise: 2 });
    await eventually(() => asked > 2);
    script.push(
      ...Array.from({ length: asked + 1 - script.length }, () => 200),
      500,
      500,
      200,
      500,
      500,
      200,
    );
    await eventually(() => asked > script.length + 1);
    assert.equal((await balancer.server("s0")).state, "up");
    assert.ok(!balancer.logs().some((line) => line.includes("server is down")));
    script.push(
      ...Array.from({ length: asked + 1 - script.length }, () => 200),
      500,
      500,
      500,
      200,
      500,
      200,
      200,
    );
    await eventually(() => asked > script.length + 1);
    await becomes(balancer, "up");
    const changes = balancer.logs().filter((line) => / server is (?:up|down) /.test(line));
    assert.equal(changes.length, 2, changes.join("\n"));
    assert.match(
      changes[0] ?? "",
      /warn server is down upstream=app server=s0 was=up why="its probes fail: status 500"/,
    );
    assert.match(changes[1] ?? "", /info server is up upstream=app server=s0 was=down why="its probes pass"/);
  });

  test("asks by its own method, path and host, by a new connection each time, and follows no redirect", async (t) => {
    const { probed } = await startProbed(t, status(302, "", "location: /elsewhere\r\n"), {
      method: "HEAD",
      path: "/ping",
      host: "health.test",
    });
    await eventually(() => probed.count() >= 3);
    for (const { head, method, target, place } of probed.seen) {
      assert.deepEqual([method, target, head.get("host"), place], ["HEAD", "/ping", "health.test", 0]);
    }
    const plain = await startProbed(t, ok());
    await eventually(() => plain.probed.count() > 0);
    assert.equal(plain.probed.seen[0]?.head.get("host"), `127.0.0.1:${plain.probed.port}`);
    assert.equal(plain.probed.seen[0]?.target, "/healthz");
  });

  test("counts in no statistics", async (t) => {
    const { balancer, probed } = await startProbed(t, status(500));
    await eventually(() => probed.count() > 5);
    for (const { requests, errors, inflight } of await balancer.servers()) {
      assert.deepEqual([requests, errors, inflight], [0, 0, 0]);
    }
  });

  test("keeps what it knows over a reload, and asks new servers at once", async (t) => {
    const { balancer, probed, other } = await startProbed(t, status(500), { fall: 2, rise: 2 });
    await becomes(balancer, "down");
    const slow = { interval: "1h", fall: 2, rise: 2 };
    await balancer.reload(configFor([probed, other], slow));
    assert.equal((await balancer.server("s0")).state, "down");
    const third = await startCounting(t, status(500));
    await balancer.reload(configFor([probed, other, third], slow));
    await becomes(balancer, "down", "s2");
    assert.deepEqual([third.count(), (await balancer.server("s0")).state], [1, "down"]);
  });

  test("asks at once where a reload brings it in, and has no say where a reload takes it away", async (t) => {
    const server = await startCounting(t, status(500));
    const other = await startCounting(t);
    const without = configFor([server, other], {}, { health: { passive: "off" } });
    const balancer = await startBalancer(t, without);
    await balancer.reload(configFor([server, other], { interval: "1h" }));
    await becomes(balancer, "down");
    await balancer.reload(without);
    assert.equal((await balancer.server("s0")).state, "up");
    const before = server.count();
    await pause(80);
    assert.equal(server.count(), before);
  });

  test("leaves nobody alone when all are down: the least recently failed one is tried", async (t) => {
    const { balancer, probed, other } = await startProbed(t, status(500), {});
    other.reply = status(500);
    await becomes(balancer, "down");
    await becomes(balancer, "down", "s1");
    probed.reply = (talk, request) => (request.target === "/" ? ok("works") : status(500))(talk, request);
    other.reply = (talk, request) => (request.target === "/" ? status(503) : status(500))(talk, request);
    const answers = [await ask(balancer.port), await ask(balancer.port), await ask(balancer.port)];
    assert.deepEqual(
      answers.map(({ body }) => body),
      ["works", "works", "works"],
    );
  });

  test("answers 503 when all are down and one is drained, whose work somebody wants to end", async (t) => {
    const { balancer, probed, other } = await startProbed(t, status(500), {});
    await becomes(balancer, "down");
    const config = configFor([probed], {}) as { upstreams: { app: { servers: object[] } } };
    config.upstreams.app.servers.push({ url: other.url, name: "s1", weight: 0 });
    await balancer.reload(config);
    await eventually(async () => (await balancer.server("s1")).state === "draining");
    const refused = await ask(balancer.port);
    assert.equal(refused.status, 503);
    assert.match(refused.head.get("proxy-status") ?? "", /destination_unavailable/);
    assert.notEqual(refused.head.get("retry-after"), undefined);
  });

  test("uses backups only while no primary can serve", async (t) => {
    const primary = await startCounting(t, ok("primary"));
    const backup = await startCounting(t, ok("backup"));
    const servers = [
      { url: primary.url, name: "s0" },
      { url: backup.url, name: "s1", backup: true },
    ];
    const balancer = await startBalancer(t, configFor([], {}, { servers }));
    for (let turn = 0; turn < 4; turn++) assert.equal((await ask(balancer.port)).body, "primary");
    primary.reply = status(500);
    await becomes(balancer, "down");
    for (let turn = 0; turn < 4; turn++) assert.equal((await ask(balancer.port)).body, "backup");
    primary.reply = ok("primary");
    await becomes(balancer, "up");
    for (let turn = 0; turn < 4; turn++) assert.equal((await ask(balancer.port)).body, "primary");
  });
});
