import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createCidrSet } from "../../../src/http/address/cidr-set.ts";
import { parseForwardedNode, resolveForwarded } from "../../../src/http/fields/forwarded.ts";

const isTrusted = createCidrSet(["10.0.0.0/8", "2001:db8:ffff::/48"]);
const peer = "10.0.0.1";

describe("resolveForwarded", () => {
  const chains: [xForwardedFor: string, client: string][] = [
    ["203.0.113.9", "203.0.113.9"],
    ["1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["203.0.113.9, 10.0.0.2, 10.0.0.3", "203.0.113.9"],
    ["10.0.0.4,10.0.0.2", "10.0.0.4"],
    ["203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:DB8::1, 2001:db8:ffff::7", "2001:db8::1"],
    ["203.0.113.9:4711", "203.0.113.9"],
    ['"[2001:db8::1]:4711", 10.0.0.2:80', "2001:db8::1"],
    ["203.0.113.9, evil, 10.0.0.2", "10.0.0.2"],
    ["203.0.113.9, ", peer],
    ["unknown", peer],
    ["203.0.113.9, 10.0.0.2;x", peer],
    ["", peer],
  ];
  for (const [xForwardedFor, client] of chains) {
    test(`finds ${client} in ${JSON.stringify(xForwardedFor)}`, () => {
      assert.deepEqual(resolveForwarded({ peer, xForwardedFor }, isTrusted), { client });
    });
  }

  test("looks at the last 100 entries only", () => {
    const trusted = Array.from({ length: 100 }, () => "10.0.0.2").join();
    assert.equal(
      resolveForwarded({ peer, xForwardedFor: `203.0.113.9,${trusted}` }, isTrusted).client,
      "10.0.0.2",
    );
  });

  test("takes scheme, host and port from the peer's fields", () => {
    const fields = { xForwardedProto: "HTTPS", xForwardedHost: "Shop.Example:8443", xForwardedPort: "8443" };
    assert.deepEqual(resolveForwarded({ peer, xForwardedFor: "203.0.113.9", ...fields }, isTrusted), {
      client: "203.0.113.9",
      scheme: "https",
      host: "shop.example",
      port: 8443,
    });
  });

  test("takes scheme and host of the hop where the walk ended, not what a client put before", () => {
    const fields = { xForwardedProto: "ftp, https, http", xForwardedHost: "evil.test, shop.example, inner" };
    assert.deepEqual(
      resolveForwarded({ peer, xForwardedFor: "1.1.1.1, 203.0.113.9, 10.0.0.2", ...fields }, isTrusted),
      { client: "203.0.113.9", scheme: "https", host: "shop.example" },
    );
  });

  test("ignores a scheme, host or port that cannot be", () => {
    const fields = { xForwardedProto: "gopher", xForwardedHost: "a/b", xForwardedPort: "0" };
    assert.deepEqual(resolveForwarded({ peer, xForwardedFor: "1.1.1.1", ...fields }, isTrusted), {
      client: "1.1.1.1",
    });
  });

  test("reads Forwarded where X-Forwarded-For is absent", () => {
    const forwarded =
      'for=1.1.1.1, For="[2001:db8::1]:99";Proto=https;host="shop.example:8443", for=10.0.0.2;proto=http';
    assert.deepEqual(resolveForwarded({ peer, xForwardedFor: null, forwarded }, isTrusted), {
      client: "2001:db8::1",
      scheme: "https",
      host: "shop.example",
      port: 8443,
    });
  });

  test("lets X-Forwarded-For win over Forwarded", () => {
    const fields = { xForwardedFor: "203.0.113.9", forwarded: "for=198.51.100.1;proto=https" };
    assert.deepEqual(resolveForwarded({ peer, ...fields }, isTrusted), { client: "203.0.113.9" });
  });

  test("ends the walk at an obfuscated or unknown hop", () => {
    assert.equal(
      resolveForwarded({ peer, forwarded: "for=1.1.1.1, for=_hidden, for=10.0.0.9" }, isTrusted).client,
      "10.0.0.9",
    );
    assert.equal(resolveForwarded({ peer, forwarded: "for=unknown" }, isTrusted).client, peer);
  });

  test("what a client puts in front of a believed entry never changes the client", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (forged) => {
        const fields = { peer, xForwardedFor: `${forged}, 203.0.113.9, 10.0.0.2` };
        assert.equal(resolveForwarded(fields, isTrusted).client, "203.0.113.9");
      }),
      { numRuns: 200 },
    );
  });
});

describe("parseForwardedNode", () => {
  test("gives nothing for a bare port, a lone bracket or an uneven quote", () => {
    for (const text of [":80", "[::1", "::1]", '"1.1.1.1', '1.1.1.1"', "1.1.1.1:", "1.1.1.1:port", ""]) {
      assert.equal(parseForwardedNode(text), undefined, text);
    }
  });
});
