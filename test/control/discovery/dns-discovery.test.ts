import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { answersOf, sourceOf, startServersAt } from "../../kit/discovery.ts";
import { type DnsServer, startDnsServer, type ZoneRecord } from "../../kit/dns-server.ts";
import { eventually } from "../../kit/eventually.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

const name = "app.test";

function a(...addresses: readonly string[]): ZoneRecord[] {
  return addresses.map((value) => ({ type: "A", value, ttl: 1 }));
}

type Block = Readonly<Record<string, unknown>>;

function configOf(dns: Block, upstream: Block = {}) {
  return {
    upstreams: {
      app: { balance: "round-robin", ...upstream, discover: { dns: { interval: "200ms", ...dns } } },
    },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
}

interface Setting {
  readonly dns: DnsServer;
  readonly port: number;
}

async function prepare(t: Teardown, first: readonly string[], servers = first): Promise<Setting> {
  const port = await startServersAt(t, servers);
  return { port, dns: await startDnsServer(t, { [name]: a(...first) }) };
}

const three = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

describe("servers by DNS", () => {
  test("take requests as soon as the proxy is ready, and come and go as the answer changes", async (t) => {
    const { dns, port } = await prepare(t, ["127.0.0.1", "127.0.0.2"], three);
    const proxy = await startProxy(t, configOf({ name, port, nameServers: [dns.address] }));
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.2"]);
    dns.set(name, a("127.0.0.2", "127.0.0.3"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2", "127.0.0.3"]));
    assert.match(proxy.logs(), /servers found .*server app\/127\.0\.0\.3:\d+ added/);
  });

  for (const fault of ["nxdomain", "servfail", "silent", "refused"] as const) {
    test(`stay where the name server says ${fault}; the log and the status say so once`, async (t) => {
      const { dns, port } = await prepare(t, ["127.0.0.1", "127.0.0.2"]);
      const proxy = await startProxy(t, configOf({ name, port, nameServers: [dns.address] }));
      dns.set(name, fault);
      const ill = await eventually(async () => {
        const source = await sourceOf(proxy);
        return source.failures > 0 && source;
      }, 15_000);
      assert.equal(ill.servers, 2);
      assert.ok(ill.lastSuccessAt !== null && ill.lastErrorAt !== null && ill.error !== null);
      assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.2"]);
      dns.set(name, a("127.0.0.2"));
      await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
      assert.equal((await sourceOf(proxy)).error, null);
      assert.equal(proxy.logs().match(/servers cannot be found/g)?.length, 1);
      assert.equal(proxy.logs().match(/servers are found again/g)?.length, 1);
    });
  }

  test("that nobody knows at the start are 503, and are found when somebody does", async (t) => {
    const { dns, port } = await prepare(t, ["127.0.0.1"]);
    dns.set(name, "nxdomain");
    const proxy = await startProxy(t, configOf({ name, port, nameServers: [dns.address] }));
    const response = await fetch(proxy.url);
    assert.equal(response.status, 503);
    assert.match(response.headers.get("proxy-status") ?? "", /error=destination_unavailable/);
    dns.set(name, a("127.0.0.1"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.1"]));
  });

  test("stand beside those that are listed, which go before them", async (t) => {
    const { dns, port } = await prepare(t, ["127.0.0.1", "127.0.0.2"], three);
    const servers = [`http://127.0.0.3:${port}`, { url: `http://127.0.0.1:${port}`, name: "mine" }];
    const config = configOf({ name, port, nameServers: [dns.address] }, { servers });
    const proxy = await startProxy(t, config);
    assert.deepEqual(await answersOf(proxy), three);
    const response = await fetch(`${proxy.adminUrl}/api/status`);
    const { upstreams } = (await response.json()) as { upstreams: { servers: { name: string }[] }[] };
    assert.deepEqual(
      upstreams[0]?.servers.map((server) => server.name.replace(/:\d+$/, "")),
      ["127.0.0.3", "mine", "127.0.0.2"],
    );
  });

  test("by SRV records are on their ports, and those of a lower priority are backups", async (t) => {
    const port = await startServersAt(t, three);
    const dns = await startDnsServer(t, {
      "_http._tcp.app.test": [
        { type: "SRV", value: `1 1 ${port} one.test`, ttl: 1 },
        { type: "SRV", value: `2 1 ${port} two.test`, ttl: 1 },
      ],
      "one.test": a("127.0.0.1"),
      "two.test": a("127.0.0.2"),
    });
    const config = configOf({ name: "_http._tcp.app.test", nameServers: [dns.address] });
    const proxy = await startProxy(t, config);
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1"]);
    dns.set("_http._tcp.app.test", [{ type: "SRV", value: `2 1 ${port} two.test`, ttl: 1 }]);
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
  });

  test("are looked for sooner than the interval says where the answer lives shorter", async (t) => {
    const { dns, port } = await prepare(t, ["127.0.0.1"], three);
    const proxy = await startProxy(t, configOf({ name, port, nameServers: [dns.address], interval: "1h" }));
    dns.set(name, a("127.0.0.2"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
    assert.ok(dns.queries.length < 12, "and not more often than once a second");
  });

  test("that are more than maxServers are left out, and the log and the status say so", async (t) => {
    const { dns, port } = await prepare(t, three);
    const { upstreams, routes } = configOf({ name, port, nameServers: [dns.address] });
    const discover = { ...upstreams.app.discover, maxServers: 2 };
    const proxy = await startProxy(t, { upstreams: { app: { ...upstreams.app, discover } }, routes });
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.2"]);
    assert.match(proxy.logs(), /more servers are found than are taken in .*leftOut=1/);
    const metrics = await (await fetch(`${proxy.adminUrl}/metrics`)).text();
    assert.match(metrics, /headgate_discovery_left_out_servers\{upstream="app"\} 1/);
    assert.match(metrics, /headgate_discovery_servers\{upstream="app",source="dns"\} 3/);
    assert.match(metrics, /headgate_discovery_up\{upstream="app",source="dns"\} 1/);
  });

  test("are found by a reload before it runs: no request meets an upstream without servers", async (t) => {
    const { dns, port } = await prepare(t, ["127.0.0.1"], three);
    const proxy = await startProxy(t, {
      upstreams: { app: { servers: [`http://127.0.0.3:${port}`] } },
      routes: [{ name: "all", path: "/*", upstream: "app" }],
    });
    const done = new AbortController();
    const asking = (async () => {
      const answers = new Set<string>();
      while (!done.signal.aborted) for (const answer of await answersOf(proxy, 4)) answers.add(answer);
      return [...answers].toSorted();
    })();
    await proxy.configure(configOf({ name, port, nameServers: [dns.address] }));
    const reload = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    assert.equal(reload.status, 200);
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1"]);
    done.abort();
    assert.deepEqual(await asking, ["127.0.0.1", "127.0.0.3"]);
  });
});
