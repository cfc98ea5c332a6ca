import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { byteRateUnit, durationUnit, rateUnit, shareUnit, sizeUnit } from "../../src/config/units.ts";
import type { Unit } from "../../src/config/units.ts";

const whole = fc.integer({ min: 0, max: 2 ** 40 });
const rates = fc.record(
  { count: fc.integer({ min: 1, max: 2 ** 31 }), perMs: fc.constantFrom(1000, 60_000, 3_600_000) },
  { noNullPrototype: true },
);

const laws: {
  name: string;
  unit: Unit<unknown>;
  values: fc.Arbitrary<unknown>;
  texts: Record<string, unknown>;
}[] = [
  {
    name: "a duration",
    unit: durationUnit as Unit<unknown>,
    values: whole,
    texts: { "250ms": 250, "5s": 5000, "2m": 120_000, "1h": 3_600_000, "0s": 0, "1.5s": 1500, "1.1s": 1100 },
  },
  {
    name: "a size",
    unit: sizeUnit as Unit<unknown>,
    values: whole,
    texts: {
      "512B": 512,
      "64KiB": 65_536,
      "10MiB": 10_485_760,
      "1KB": 1000,
      "1GB": 1e9,
      "1GiB": 2 ** 30,
      "0B": 0,
    },
  },
  {
    name: "a rate",
    unit: rateUnit as Unit<unknown>,
    values: rates,
    texts: {
      "100/s": { count: 100, perMs: 1000 },
      "600/m": { count: 600, perMs: 60_000 },
      "5000/h": { count: 5000, perMs: 3_600_000 },
    },
  },
  {
    name: "a rate of bytes",
    unit: byteRateUnit as Unit<unknown>,
    values: whole,
    texts: { "240B/s": 240, "1KiB/s": 1024, "0B/s": 0 },
  },
  {
    name: "a share",
    unit: shareUnit as Unit<unknown>,
    values: fc.integer({ min: 0, max: 10_000 }).map((value) => value / 10_000),
    texts: { "20%": 0.2, "0%": 0, "100%": 1, "0.5%": 0.005 },
  },
];

for (const { name, unit, values, texts } of laws) {
  describe(name, () => {
    test("is read as the contract writes it", () => {
      for (const [text, value] of Object.entries(texts)) assert.deepEqual(unit.parse(text), value, text);
    });

    test("has a pattern that agrees with its reading", () => {
      const pattern = new RegExp(unit.pattern);
      for (const text of Object.keys(texts)) assert.match(text, pattern);
      fc.assert(
        fc.property(values, (value) => pattern.test(unit.format(value))),
        { numRuns: 200 },
      );
    });

    test("comes back from its own text", () => {
      fc.assert(
        fc.property(values, (value) => assert.deepEqual(unit.parse(unit.format(value)), value)),
        { numRuns: 200 },
      );
    });

    test("is no other text", () => {
      const wrong = [
        "",
        " ",
        "5",
        "s",
        "5 s",
        "-5s",
        "5x",
        "5toString",
        "1e3s",
        "0x5B",
        "5s5s",
        "5S",
        "0/s",
        "101%",
        "-1%",
      ];
      for (const text of wrong) assert.equal(unit.parse(text), undefined, text);
      fc.assert(
        fc.property(fc.string(), (text) => {
          const isRead = unit.parse(text) !== undefined;
          return !isRead || new RegExp(unit.pattern).test(text);
        }),
        { numRuns: 200 },
      );
    });
  });
}

test("a part of a millisecond or a byte is refused, not rounded", () => {
  assert.equal(durationUnit.parse("0.5ms"), undefined);
  assert.equal(sizeUnit.parse("0.3B"), undefined);
  assert.equal(sizeUnit.parse("99999999999GiB"), undefined);
});
