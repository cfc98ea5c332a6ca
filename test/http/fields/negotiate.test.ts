import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseWeights, preferredEncoding, preferredType } from "../../../src/http/fields/negotiate.ts";

describe("preferredType", () => {
  const offered = ["text/plain", "text/html", "application/json"];
  const rows: [accept: string | null, type: string | undefined][] = [
    [null, "text/plain"],
    ["*/*", "text/plain"],
    ["text/*", "text/plain"],
    ["text/html", "text/html"],
    ["TEXT/HTML;Q=0.5", "text/html"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    ["text/html, */*", "text/html"],
    ["application/json, text/plain, */*", "application/json"],
    ["application/json;q=0.5, text/html;q=0.4", "application/json"],
    ["text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html"],
    ["*/*, text/plain;q=0", "text/html"],
    ["text/*;q=0, */*;q=0.1", "application/json"],
    ["application/json; charset=utf-8; q=0.9, */*;q=0.1", "application/json"],
    ["image/png", undefined],
    ["text/html;q=0", undefined],
    ["", undefined],
    ["text/html;q=2, application/json", "application/json"],
    ["text/html;q=0.1234, application/json;q=0.1", "application/json"],
    [";;,,text/html,=", "text/html"],
  ];
  for (const [accept, type] of rows) {
    test(`${JSON.stringify(accept)} prefers ${type}`, () =>
      assert.equal(preferredType(accept, offered), type));
  }

  test("gives what is offered or nothing, and never what is excluded", () => {
    const weight = fc.constantFrom("", ";q=0", ";q=0.5", ";q=1", ";q=x");
    const range = fc
      .tuple(fc.constantFrom("*/*", "text/*", ...offered, "a/b"), weight)
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const type = preferredType(ranges.join(), offered);
        assert.ok(type === undefined || offered.includes(type));
        if (ranges.length === 1) assert.ok(type === undefined || !ranges[0]!.endsWith("q=0"));
      }),
      { numRuns: 200 },
    );
  });
});

describe("preferredEncoding", () => {
  const offered = ["zstd", "br", "gzip"];
  const rows: [acceptEncoding: string | null, encoding: string][] = [
    [null, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["gzip;q=0.5, br;q=0.5", "br"],
    ["*", "zstd"],
    ["zstd;q=0, *", "br"],
    ["gzip;q=0", "identity"],
    ["identity;q=0", "identity"],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["*;q=0", "identity"],
    ["identity, gzip;q=0.5", "identity"],
    ["identity;q=0.5, gzip;q=1.0, *;q=0", "gzip"],
    ["compress", "identity"],
  ];
  for (const [acceptEncoding, encoding] of rows) {
    test(`${JSON.stringify(acceptEncoding)} prefers ${encoding}`, () => {
      assert.equal(preferredEncoding(acceptEncoding, offered), encoding);
    });
  }
});

describe("parseWeights", () => {
  test("reads any text without a throw, weights within 0..1", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { weight } of parseWeights(text)) assert.ok(weight >= 0 && weight <= 1);
      }),
      { numRuns: 200 },
    );
  });
});
