import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type DnsConfig, findByDns } from "../../../src/control/discovery/find-by-dns.ts";
import { createResolver } from "../../../src/control/dns/resolver.ts";
import { startDnsServer, type ZoneAnswer } from "../../kit/dns-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

async function find(
  t: Teardown,
  zone: Readonly<Record<string, ZoneAnswer>>,
  config: Partial<DnsConfig> = {},
) {
  const { port } = await startDnsServer(t, zone);
  const resolve = createResolver({ servers: [{ address: "127.0.0.1", port }], timeoutMs: 300 });
  const whole: DnsConfig = {
    name: "app.test",
    type: "auto",
    port: 9000,
    scheme: "http",
    interval: 10_000,
    nameServers: [],
    ...config,
  };
  const { servers, ...rest } = await findByDns(whole, resolve);
  return {
    servers: servers.map(({ name, weight, backup }) => `${name} ${weight}${backup ? " backup" : ""}`),
    ...rest,
  };
}

const addresses: readonly { type: "A" | "AAAA"; value: string; ttl: number }[] = [
  { type: "A", value: "10.0.0.1", ttl: 30 },
  { type: "AAAA", value: "fd00::1", ttl: 20 },
];

describe("by DNS", () => {
  test("servers of both families are found, and believed as long as the shorter lives", async (t) => {
    assert.deepEqual(await find(t, { "app.test": addresses }), {
      servers: ["10.0.0.1:9000 1", "[fd00::1]:9000 1"],
      ttlSeconds: 20,
    });
  });

  test("only the family that is wanted is asked for", async (t) => {
    assert.deepEqual((await find(t, { "app.test": addresses }, { type: "A" })).servers, ["10.0.0.1:9000 1"]);
    assert.deepEqual((await find(t, { "app.test": addresses }, { type: "AAAA" })).servers, [
      "[fd00::1]:9000 1",
    ]);
  });

  test("a name with one family is a good name", async (t) => {
    const { fault } = await find(t, { "app.test": addresses.slice(0, 1) });
    assert.equal(fault, undefined);
  });

  test("services are found with their ports, weights and priorities, and the addresses of their targets", async (t) => {
    const zone: Readonly<Record<string, ZoneAnswer>> = {
      "_http._tcp.app.test": [
        { type: "SRV", value: "1 3 8001 one.test", ttl: 40 },
        { type: "SRV", value: "1 1 8002 two.test", ttl: 40 },
        { type: "SRV", value: "2 1 8003 one.test", ttl: 40 },
      ],
      "one.test": [{ type: "A", value: "10.0.0.1", ttl: 9 }],
      "two.test": [
        { type: "A", value: "10.0.0.2", ttl: 60 },
        { type: "A", value: "10.0.0.3", ttl: 60 },
      ],
    };
    assert.deepEqual(await find(t, zone, { name: "_http._tcp.app.test" }), {
      servers: ["10.0.0.1:8001 3", "10.0.0.2:8002 1", "10.0.0.3:8002 1", "10.0.0.1:8003 1 backup"],
      ttlSeconds: 9,
    });
  });

  test("a service whose target is away is told, and the others are found", async (t) => {
    const zone: Readonly<Record<string, ZoneAnswer>> = {
      "_http._tcp.app.test": [
        { type: "SRV", value: "1 1 8001 one.test" },
        { type: "SRV", value: "1 1 8002 gone.test" },
      ],
      "one.test": [{ type: "A", value: "10.0.0.1" }],
    };
    const { servers, fault } = await find(t, zone, { name: "_http._tcp.app.test" });
    assert.deepEqual(servers, ["10.0.0.1:8001 1"]);
    assert.match(fault ?? "", /gone\.test/);
  });

  test("a service that decidedly is not there, or an empty name, finds no server", async (t) => {
    const zone: Readonly<Record<string, ZoneAnswer>> = {
      "_http._tcp.app.test": [{ type: "SRV", value: "0 0 0 " }],
      "app.test": [],
    };
    await assert.rejects(find(t, zone, { name: "_http._tcp.app.test" }), /names no server/);
    await assert.rejects(find(t, zone), /no A/);
  });
});
