import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startDnsServer, type ZoneRecord } from "../../kit/dns-server.ts";
import { eventually } from "../../kit/eventually.ts";
import { type RunningProxy, startProxy } from "../../kit/start-proxy.ts";
import { startServer, type TestServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const name = "app.test";

function a(...addresses: readonly string[]): ZoneRecord[] {
  return addresses.map((value) => ({ type: "A", value, ttl: 1 }));
}

/** Servers on several addresses of the loopback net, on one port, each of which answers with its address. */
async function startServers(t: Teardown, addresses: readonly string[]): Promise<number> {
  let port = 0;
  for (const address of addresses) {
    const server: TestServer = await startServer(t, (_, response) => response.end(address), {
      address,
      port,
    });
    port = server.port;
  }
  return port;
}

function discovering(
  dns: Readonly<Record<string, unknown>>,
  upstream: Readonly<Record<string, unknown>> = {},
) {
  return {
    upstreams: {
      app: { balance: "round-robin", ...upstream, discover: { dns: { interval: "200ms", ...dns } } },
    },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
}

async function ask(proxy: RunningProxy): Promise<string> {
  const response = await fetch(proxy.url);
  return response.status === 200 ? response.text() : String(response.status);
}

async function answersOf(proxy: RunningProxy, count = 12): Promise<string[]> {
  const answers = new Set<string>();
  for (let index = 0; index < count; index++) answers.add(await ask(proxy));
  return [...answers].toSorted();
}

describe("servers by DNS", () => {
  test("take requests as soon as the proxy is ready, and come and go as the answer changes", async (t) => {
    const port = await startServers(t, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    const dns = await startDnsServer(t, { [name]: a("127.0.0.1", "127.0.0.2") });
    const proxy = await startProxy(t, discovering({ name, port, nameServers: [dns.address] }));
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.2"]);
    dns.set(name, a("127.0.0.2", "127.0.0.3"));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2", "127.0.0.3"]));
  });
});
