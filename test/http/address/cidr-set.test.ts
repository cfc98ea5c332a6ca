import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createCidrSet, parseCidr } from "../../../src/http/address/cidr-set.ts";
import { parseIp } from "../../../src/http/address/ip-address.ts";

describe("createCidrSet", () => {
  const rows: [list: string[], address: string, isIn: boolean][] = [
    [[], "10.0.0.1", false],
    [["10.0.0.0/8"], "10.255.0.1", true],
    [["10.0.0.0/8"], "11.0.0.1", false],
    [["10.0.0.0/8"], "::ffff:10.1.2.3", true],
    [["10.1.2.3/8"], "10.9.9.9", true],
    [["192.0.2.7"], "192.0.2.7", true],
    [["192.0.2.7"], "192.0.2.8", false],
    [["0.0.0.0/0"], "203.0.113.1", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["::/0"], "2001:db8::1", true],
    [["::/0"], "192.0.2.1", false],
    [["::ffff:10.0.0.0/104"], "10.1.1.1", true],
    [["2001:db8::/33"], "2001:db8:7fff::1", true],
    [["2001:db8::/33"], "2001:db8:8000::1", false],
    [["128.0.0.0/1"], "200.0.0.1", true],
    [["10.0.0.0/8"], "10.0.0.1, 1.2.3.4", false],
    [["10.0.0.0/8"], "", false],
  ];
  for (const [list, address, isIn] of rows) {
    test(`[${list.join()}] ${isIn ? "holds" : "does not hold"} ${JSON.stringify(address)}`, () => {
      assert.equal(createCidrSet(list)(address), isIn);
    });
  }

  for (const text of [
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "a/8",
    "",
    "::ffff:10.0.0.0/90",
  ]) {
    test(`refuses the range ${JSON.stringify(text)}`, () => {
      assert.equal(parseCidr(text), undefined);
      assert.throws(() => createCidrSet([text]), /^Error: Cannot read ".*": expected an address or a range/);
    });
  }

  test("agrees with the runtime's own block list", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, bits, address) => {
        const list = new BlockList();
        list.addSubnet(base, bits);
        assert.equal(createCidrSet([`${base}/${bits}`])(address), list.check(address));
      }),
      { numRuns: 200 },
    );
  });

  test("a range holds every address that differs only past its prefix, and no other", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 1, max: 128 }), (text, bits) => {
        const ip = parseIp(text);
        if (ip?.version !== 6) return;
        const word = Math.floor((bits - 1) / 32);
        const flipped = ip.words.map((value, i) =>
          i === word ? (value ^ (1 << (31 - ((bits - 1) % 32)))) >>> 0 : value,
        );
        const spelled = flipped
          .flatMap((value) => [value >>> 16, value & 0xffff])
          .map((value) => value.toString(16));
        assert.equal(createCidrSet([`${text}/${bits}`])(text), true);
        assert.equal(createCidrSet([`${text}/${bits}`])(spelled.join(":")), false);
      }),
      { numRuns: 200 },
    );
  });
});
