import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { DnsError, type DnsFault } from "../../../src/control/dns/dns-error.ts";
import { createResolver } from "../../../src/control/dns/resolver.ts";
import { type DnsServer, startDnsServer } from "../../kit/dns-server.ts";
import { freePort } from "../../kit/free-port.ts";

function resolverOf({ port }: Pick<DnsServer, "port">, timeoutMs = 300) {
  return createResolver({ servers: [{ address: "127.0.0.1", port }], timeoutMs });
}

function withFault(fault: DnsFault, message?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof DnsError, String(error));
    assert.equal(error.fault, fault, error.message);
    if (message) assert.match(error.message, message);
    return true;
  };
}

describe("a look-up", () => {
  test("gives addresses of both families with their time to live", async (t) => {
    const dns = await startDnsServer(t, {
      "app.test": [
        { type: "A", value: "10.0.0.1", ttl: 30 },
        { type: "A", value: "10.0.0.2", ttl: 7 },
        { type: "AAAA", value: "2001:db8::1:0:0:2", ttl: 9 },
      ],
    });
    const resolve = resolverOf(dns);
    assert.deepEqual(await resolve("app.test", "A"), {
      records: [
        { type: "A", address: "10.0.0.1", ttlSeconds: 30 },
        { type: "A", address: "10.0.0.2", ttlSeconds: 7 },
      ],
      ttlSeconds: 7,
    });
    assert.deepEqual(await resolve("app.test", "AAAA"), {
      records: [{ type: "AAAA", address: "2001:db8::1:0:0:2", ttlSeconds: 9 }],
      ttlSeconds: 9,
    });
  });

  test("gives services with priority, weight, port and time to live", async (t) => {
    const dns = await startDnsServer(t, {
      "_http._tcp.app.test": [{ type: "SRV", value: "10 5 9000 pod-1.app.test", ttl: 4 }],
    });
    assert.deepEqual(await resolverOf(dns)("_http._tcp.app.test", "SRV"), {
      records: [
        { type: "SRV", priority: 10, weight: 5, port: 9000, target: "pod-1.app.test", ttlSeconds: 4 },
      ],
      ttlSeconds: 4,
    });
  });

  test("follows aliases within an answer and beyond it, and believes them no longer than the shortest lives", async (t) => {
    const dns = await startDnsServer(t, {
      "app.test": [{ type: "CNAME", value: "b.test", ttl: 5 }],
      "b.test": [{ type: "CNAME", value: "c.test", ttl: 90 }],
      "c.test": [{ type: "A", value: "10.0.0.3", ttl: 60 }],
    });
    const { records, ttlSeconds } = await resolverOf(dns)("app.test", "A");
    assert.deepEqual(
      records.map((record) => "address" in record && record.address),
      ["10.0.0.3"],
    );
    assert.equal(ttlSeconds, 5);
  });

  test("asks over TCP for what does not fit into a datagram", async (t) => {
    const many = Array.from({ length: 2000 }, (_, index) => ({
      type: "A" as const,
      value: `10.1.${index >> 8}.${index & 255}`,
    }));
    const dns = await startDnsServer(t, { "many.test": many });
    const { records } = await resolverOf(dns, 4000)("many.test", "A");
    assert.equal(records.length, 2000);
    assert.deepEqual(dns.queries, ["A many.test udp", "A many.test tcp"]);
  });

  test("asks the next name server where one is silent, fails or is away", async (t) => {
    const silent = await startDnsServer(t, { "app.test": "silent" });
    const failing = await startDnsServer(t, { "app.test": "servfail" });
    const good = await startDnsServer(t, { "app.test": [{ type: "A", value: "10.0.0.9" }] });
    const ports = [silent.port, failing.port, await freePort(), good.port];
    const servers = ports.map((port) => ({ address: "127.0.0.1", port }));
    const { records } = await createResolver({ servers, timeoutMs: 200 })("app.test", "A");
    assert.equal(records.length, 1);
  });

  test("says why it found nothing", async (t) => {
    const dns = await startDnsServer(t, {
      "gone.test": "nxdomain",
      "ill.test": "servfail",
      "empty.test": [],
      "quiet.test": "silent",
    });
    const resolve = resolverOf(dns, 100);
    await assert.rejects(resolve("gone.test", "A"), withFault("not-found", /"gone\.test" does not exist/));
    await assert.rejects(resolve("ill.test", "A"), withFault("refused", /SERVFAIL/));
    await assert.rejects(resolve("empty.test", "A"), withFault("no-records", /no A records/));
    await assert.rejects(resolve("quiet.test", "A"), withFault("timeout", /within 100 ms/));
  });

  test("knows addresses and the names of this machine without asking", async () => {
    const resolve = createResolver();
    assert.deepEqual((await resolve("127.0.0.9", "A")).records, [
      { type: "A", address: "127.0.0.9", ttlSeconds: Infinity },
    ]);
    const { records } = await resolve("localhost", "A");
    assert.ok(records.some((record) => "address" in record && record.address === "127.0.0.1"));
    await assert.rejects(resolve("127.0.0.9", "AAAA"), withFault("no-records"));
  });
});

describe("hostile name servers", () => {
  const bodies: Readonly<Record<string, readonly number[]>> = {
    "an answer that breaks off": [0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 0xc0],
    "a name that points to itself": [
      0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 0xc0, 19, 0, 1, 0, 1,
    ],
    "a name that points ahead": [
      0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 0xc0, 99, 0, 1, 0, 1,
    ],
    "a name that winds through itself": [
      0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 1, 98, 0xc0, 19, 0, 1, 0, 1,
    ],
    "an address of five bytes": [
      0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 5, 1, 2,
      3, 4, 5,
    ],
    "aliases in a circle": [
      0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0,
      12,
    ],
  };
  for (const [what, bytes] of Object.entries(bodies)) {
    test(`${what} counts as malformed`, async (t) => {
      const dns = await startDnsServer(t, { a: { bytes: Uint8Array.from(bytes) } });
      await assert.rejects(resolverOf(dns)("a", "A"), withFault("malformed"));
    });
  }

  test("records of other names in an answer are not believed", async (t) => {
    const other = [1, 98, 0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 6, 6, 6, 6];
    const bytes = Uint8Array.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1, ...other]);
    const dns = await startDnsServer(t, { a: { bytes } });
    await assert.rejects(resolverOf(dns)("a", "A"), withFault("no-records"));
  });

  test("an answer to another question is not taken for one", async (t) => {
    const bytes = Uint8Array.from([0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 1, 98, 0, 0, 1, 0, 1]);
    const dns = await startDnsServer(t, { a: { bytes } });
    await assert.rejects(resolverOf(dns, 100)("a", "A"), withFault("timeout"));
  });
});
