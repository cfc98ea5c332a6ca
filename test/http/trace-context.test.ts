import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isTracestate, parseTraceparent, writeTraceparent } from "../../src/http/trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

describe("A traceparent", () => {
  test("is read as W3C writes it", () => {
    assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, isSampled: true });
    assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-00`), { traceId, spanId, isSampled: false });
  });

  test("is sampled by the last of its flags alone", () => {
    assert.equal(parseTraceparent(`00-${traceId}-${spanId}-03`)?.isSampled, true);
    assert.equal(parseTraceparent(`00-${traceId}-${spanId}-fe`)?.isSampled, false);
  });

  test("of a later version is read as far as the first one goes", () => {
    for (const rest of ["", "-", "-what-the-future-holds"])
      assert.equal(parseTraceparent(`cc-${traceId}-${spanId}-01${rest}`)?.traceId, traceId);
  });

  test("that is malformed is none", () => {
    const malformed = [
      "",
      traceId,
      `00-${traceId}-${spanId}`,
      `00-${traceId}-${spanId}-01-`,
      `00-${traceId}-${spanId}-01-more`,
      `00-${traceId}-${spanId}-01.`,
      `cc-${traceId}-${spanId}-01.`,
      `ff-${traceId}-${spanId}-01`,
      `0-${traceId}-${spanId}-01`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `00-${traceId.slice(1)}-${spanId}-01`,
      `00-${traceId}-${spanId}0-01`,
      `00-${"0".repeat(32)}-${spanId}-01`,
      `00-${traceId}-${"0".repeat(16)}-01`,
      `00-${traceId}-${spanId}-1`,
      `00-${traceId}-${spanId}-0x`,
      ` 00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
    ];
    for (const text of malformed) assert.equal(parseTraceparent(text), undefined, JSON.stringify(text));
  });

  test("says after writing what it said before", () => {
    const id = (length: number) =>
      fc
        .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
        .map((digits) => digits.map((digit) => digit.toString(16)).join(""))
        .filter((digits) => !/^0+$/.test(digits));
    const parents = fc.tuple(id(32), id(16), fc.boolean());
    fc.assert(
      fc.property(parents, ([traceId, spanId, isSampled]) => {
        const parent = { traceId, spanId, isSampled };
        assert.deepEqual(parseTraceparent(writeTraceparent(parent)), parent);
      }),
    );
  });
});

describe("A tracestate", () => {
  test("is passed on as W3C writes it", () => {
    const good = [
      "",
      "rojo=00f067aa0ba902b7",
      "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
      "rojo=1 , \tcongo=2,,",
      "fw529a3039@dt=FfFfFfFf,1a-2_b*/c@sys=x",
      `${"a".repeat(256)}=${"~".repeat(256)}`,
      Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(","),
      "a=with spaces inside",
    ];
    for (const text of good) assert.ok(isTracestate(text), text);
  });

  test("that nobody could read is none", () => {
    const malformed = [
      "rojo",
      "rojo=",
      "=1",
      "Rojo=1",
      "1a=1",
      "a=1=2",
      "a=\u0001",
      "a=é",
      "a@=1",
      "a=1,a=2",
      "a=1;b=2\n",
      `a=${"x".repeat(257)}`,
      `${"a".repeat(257)}=1`,
      Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(","),
      `a=${"x".repeat(250)},`.repeat(40),
    ];
    for (const text of malformed) assert.equal(isTracestate(text), false, JSON.stringify(text));
  });

  test("is judged in time that does not depend on its wording", () => {
    for (const hostile of [
      "a ".repeat(4_000),
      `a=${" ".repeat(8_000)}`,
      "a@".repeat(4_000),
      ",".repeat(8_192),
    ]) {
      const startedAt = performance.now();
      isTracestate(hostile);
      assert.ok(performance.now() - startedAt < 50);
    }
  });
});
