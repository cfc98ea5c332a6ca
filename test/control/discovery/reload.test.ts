import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createApp } from "../../../src/library.ts";
import { answersOf, startServersAt } from "../../kit/discovery.ts";
import { startDnsServer, type ZoneRecord } from "../../kit/dns-server.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { runProgram, startProxy, writeConfig } from "../../kit/start-proxy.ts";

function a(...addresses: readonly string[]): ZoneRecord[] {
  return addresses.map((value) => ({ type: "A", value, ttl: 1 }));
}

type Block = Readonly<Record<string, unknown>>;

function upstreamOf(name: string, port: number, nameServer: string): Block {
  const dns = { name, port, interval: "100ms", nameServers: [nameServer] };
  return { balance: "round-robin", discover: { dns } };
}

function configOf(app: Block, more: Block = {}): Block {
  return { upstreams: { app, ...more }, routes: [{ name: "all", path: "/*", upstream: "app" }] };
}

describe("sources of servers", () => {
  test("that a reload takes out are asked no more, and those that it keeps are not asked anew", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1"]);
    const dns = await startDnsServer(t, { "one.test": a("127.0.0.1"), "two.test": a("127.0.0.1") });
    const [one, two] = ["one.test", "two.test"].map((name) => upstreamOf(name, port, dns.address));
    const proxy = await startProxy(t, configOf(one ?? {}, { other: two }));
    await proxy.configure(configOf(one ?? {}));
    assert.equal((await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status, 200);
    const asked = dns.queries.filter((query) => query.includes("two.test")).length;
    const before = dns.queries.length;
    await eventually(() => dns.queries.length > before + 6);
    assert.equal(dns.queries.filter((query) => query.includes("two.test")).length, asked);
  });

  test("go on as they were where a reload is refused", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2"]);
    const dns = await startDnsServer(t, { "one.test": a("127.0.0.1"), "two.test": a("127.0.0.1") });
    const one = upstreamOf("one.test", port, dns.address);
    const proxy = await startProxy(t, configOf(one));
    const servers = Array.from({ length: 300 }, (_, index) => `http://127.0.0.1:${index + 1}`);
    const two = { ...upstreamOf("two.test", port, dns.address), servers };
    await proxy.configure(configOf(two));
    assert.equal((await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status, 422);
    dns.set("one.test", a("127.0.0.2"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
    const asked = dns.queries.filter((query) => query.includes("two.test")).length;
    const before = dns.queries.length;
    await eventually(() => dns.queries.length > before + 6);
    assert.equal(dns.queries.filter((query) => query.includes("two.test")).length, asked);
  });

  test("are no change of the configuration: it stays as it was loaded", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2"]);
    const dns = await startDnsServer(t, { "one.test": a("127.0.0.1") });
    const proxy = await startProxy(t, configOf(upstreamOf("one.test", port, dns.address)));
    const loadedAt = async (): Promise<number> => {
      const response = await fetch(`${proxy.adminUrl}/api/status`);
      return ((await response.json()) as { config: { loadedAt: number } }).config.loadedAt;
    };
    const before = await loadedAt();
    dns.set("one.test", a("127.0.0.2"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
    assert.equal(await loadedAt(), before);
    const config = (await (await fetch(`${proxy.adminUrl}/api/config`)).json()) as {
      upstreams: { app: Block };
    };
    assert.deepEqual(config.upstreams.app["servers"], []);
    const reload = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    assert.deepEqual(await reload.json(), { changes: [] });
    assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]);
  });

  test("are asked inside another program too, until its app is closed", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2"]);
    const dns = await startDnsServer(t, { "one.test": a("127.0.0.1") });
    const app = await createApp({
      ...configOf(upstreamOf("one.test", port, dns.address)),
      accessLog: { format: "off" },
    });
    const ask = async (): Promise<string> => (await app.fetch(new Request("http://a/"))).text();
    assert.equal(await ask(), "127.0.0.1");
    dns.set("one.test", a("127.0.0.2"));
    await eventually(async () => assert.equal(await ask(), "127.0.0.2"));
    await app.close();
    const asked = dns.queries.length;
    await pause(300);
    assert.ok(dns.queries.length <= asked + 2, "nothing but what was under way");
  });

  test("are counted by check, and named by explain, which ask nobody", async (t) => {
    const dns = await startDnsServer(t, { "one.test": a("127.0.0.1") });
    const value = configOf(upstreamOf("one.test", 80, dns.address), {
      other: { servers: ["http://127.0.0.1:1"] },
    });
    const file = await writeConfig(t, value);
    const check = runProgram(t, ["check", "-c", file]);
    assert.equal(await check.exited, 0);
    assert.match(check.output(), /2 upstreams \(1 with found servers\), 1 server, 1 route/);
    const explain = runProgram(t, ["explain", "-c", file, "GET", "http://a/"]);
    assert.equal(await explain.exited, 0);
    assert.match(explain.output(), /^upstream +app\nfound by +dns one\.test, which is not asked here$/m);
    assert.deepEqual(dns.queries, []);
  });
});

describe("a configuration", () => {
  const wrong: readonly (readonly [what: string, dns: Block, problem: RegExp])[] = [
    [
      "without a port for addresses",
      { name: "a.test" },
      /discover\.dns\.port {2}missing: A and AAAA records do not say/,
    ],
    [
      "with a port for services",
      { name: "_http._tcp.a.test", port: 80 },
      /of no use: SRV records say the port/,
    ],
    ["with SRV and a port", { name: "a.test", type: "SRV", port: 80 }, /of no use: SRV records say the port/],
    ["with no name", { name: "a b", port: 80 }, /a DNS name such as app\.internal/],
    [
      "with a name server by name",
      { name: "a.test", port: 80, nameServers: ["dns.test"] },
      /a name server's IP address/,
    ],
    [
      "with a name server's port 0",
      { name: "a.test", port: 80, nameServers: ["10.0.0.1:0"] },
      /a name server's IP address/,
    ],
  ];
  for (const [what, dns, problem] of wrong) {
    test(`${what} is refused in words`, async (t) => {
      const file = await writeConfig(t, configOf({ discover: { dns } }));
      const check = runProgram(t, ["check", "-c", file]);
      assert.equal(await check.exited, 1);
      assert.match(check.logs(), problem);
    });
  }
});
