import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compressionOf, errorPagesOf, limitsOf, timeoutsOf } from "../../src/config/effective.ts";
import { parseConfigValue } from "../../src/config/load.ts";

function load(globals: object, route: object) {
  const upstreams = { app: { servers: ["http://a"], timeouts: { idle: "9s" } } };
  const loaded = parseConfigValue({ ...globals, upstreams, routes: [{ upstream: "app", ...route }] });
  assert.ok("config" in loaded, JSON.stringify(loaded));
  const [[first], { app }] = [loaded.config.routes, loaded.config.upstreams];
  return { config: loaded.config, route: first!, upstream: app! };
}

describe("what holds for a route", () => {
  test("is the global limit where the route has none of its own", () => {
    const { config, route } = load({ limits: { body: "1KiB", uri: "1KiB" } }, { limits: { body: "2KiB" } });
    const { body, uri, headers } = limitsOf(config, route);
    assert.deepEqual([body, uri, headers], [2048, 1024, 16_384]);
  });

  test("is the upstream's deadline where the route has none of its own", () => {
    const { route, upstream } = load({}, { timeouts: { total: "1s" } });
    assert.deepEqual(timeoutsOf(upstream, route), {
      connect: 2000,
      response: 30_000,
      idle: 9000,
      total: 1000,
    });
  });

  test("is the global page where the route has none of its own", () => {
    const globals = { errorPages: { 404: "<a>", "5xx": "<b>", intercept: [502] } };
    const { config, route } = load(globals, { errorPages: { 404: "<c>" } });
    assert.deepEqual(errorPagesOf(config, route), {
      pages: { 404: { text: "<c>" }, "5xx": { text: "<b>" } },
      intercept: [502],
    });
    const silent = load(globals, { errorPages: { intercept: [] } });
    assert.deepEqual(errorPagesOf(silent.config, silent.route).intercept, []);
  });

  const compressions = [
    { global: false, route: undefined, level: "none" },
    { global: false, route: true, level: "fast" },
    { global: false, route: { level: "best" }, level: "best" },
    { global: { level: "balanced" }, route: undefined, level: "balanced" },
    { global: { level: "balanced" }, route: true, level: "balanced" },
    { global: true, route: false, level: "none" },
  ];
  for (const { global, route, level } of compressions) {
    test(`is compression ${level} for ${JSON.stringify(global)} and ${JSON.stringify(route)} in the route`, () => {
      const loaded = load({ compression: global }, route === undefined ? {} : { compression: route });
      const compression = compressionOf(loaded.config, loaded.route);
      assert.equal(compression === false ? "none" : compression.level, level);
    });
  }
});
