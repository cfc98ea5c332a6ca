import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { clientPrefix, normaliseAddress, parseIp } from "../../../src/http/address/ip-address.ts";

/** Without the dotted end, since one runtime's URL refuses some of those. */
const ipV6 = fc.ipV6().filter((text) => !text.includes("."));

describe("normaliseAddress", () => {
  // RFC 5952, sections 4 and 5, and what sockets give.
  const spellings: [text: string, canonical: string][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:7f00:1", "127.0.0.1"],
    ["fe80::1%eth0", "fe80::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1::", "1::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ];
  for (const [text, canonical] of spellings) {
    test(`writes ${text} as ${canonical}`, () => assert.equal(normaliseAddress(text), canonical));
  }

  const refused = [
    "",
    "1.2.3",
    "1.2.3.4.",
    "1.2.3.4.5",
    "256.0.0.1",
    "01.2.3.4",
    "1..2.3",
    " 1.2.3.4",
    "1.2.3.4:80",
    "localhost",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7::8",
    "::1.2.3",
    "1.2.3.4::",
    "::ffff:1.2.3.256",
    "[::1]",
    "fe80::1%",
    "0x7f.0.0.1",
  ];
  for (const text of refused) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(normaliseAddress(text), undefined));
  }

  test("the canonical spelling is that of URLs", () => {
    fc.assert(
      fc.property(ipV6, (text) => {
        const ip = parseIp(text);
        if (ip?.version === 6)
          assert.equal(`[${normaliseAddress(text)}]`, new URL(`http://[${text}]/`).hostname);
      }),
      { numRuns: 200 },
    );
  });
});

describe("clientPrefix", () => {
  test("an IPv4 address counts alone", () => assert.equal(clientPrefix("192.0.2.1"), "192.0.2.1"));
  test("a mapped address counts as IPv4", () => assert.equal(clientPrefix("::ffff:192.0.2.1"), "192.0.2.1"));
  test("an IPv6 address counts with its /64", () => {
    assert.equal(clientPrefix("2001:db8:0:0:1:2:3:4"), "2001:db8::/64");
    assert.equal(clientPrefix("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    assert.equal(clientPrefix("::1"), "::/64");
  });
  test("what is no address counts as itself", () => assert.equal(clientPrefix("unix"), "unix"));
});
