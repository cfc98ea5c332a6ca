import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import { parseConfigValue } from "../../../src/config/load.ts";
import type { Exchange } from "../../../src/data/exchange/exchange.ts";
import { createRouter } from "../../../src/data/route/router.ts";

/** More routes than one regular expression holds: then a tree finds them. */
const DECOYS = Array.from({ length: 150 }, (_, index) => `/decoy-${index}/*`);

/** Which of these paths' routes takes a path; "" where none does. */
function createFinder(paths: readonly string[]): (path: string) => string {
  const loaded = parseConfigValue({ routes: paths.map((path) => ({ path, respond: { body: "" } })) });
  assert.ok("config" in loaded, JSON.stringify(loaded));
  const act = (): Response => new Response();
  const plans = loaded.config.routes.map((config) => ({ config, act }));
  const find = createRouter(plans, { random: () => 0, lost: act });
  return (matchPath) => {
    const exchange = { matchPath, route: undefined } as unknown as Exchange;
    void find(exchange);
    return exchange.route ?? "";
  };
}

const segment = fc.constantFrom("a", "b", "ab", "a.b");
const pattern = fc
  .tuple(fc.array(fc.oneof(segment, fc.constantFrom(":x", ":y")), { maxLength: 3 }), fc.boolean())
  .map(([segments, isOpen]) => `/${[...segments, ...(isOpen ? ["*"] : [])].join("/")}`);
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);

describe("The router", () => {
  test("finds the same route among few as among many", () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 8 }), fc.array(path), (patterns, asked) => {
        const few = createFinder(patterns);
        const many = createFinder([...patterns, ...DECOYS]);
        assert.deepEqual(asked.map(many), asked.map(few));
      }),
      { numRuns: 200 },
    );
  });

  test("finds each of ten thousand routes", () => {
    const find = createFinder(Array.from({ length: 10_000 }, (_, index) => `/route-${index}/*`));
    for (const index of [0, 1, 99, 5000, 9999])
      assert.equal(find(`/route-${index}/deep/down`), `/route-${index}/*`);
    assert.equal(find("/route-10000/x"), "");
  });
});
