import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfigValue } from "../../src/config/load.ts";
import { findNotBuilt } from "../../src/config/not-built.ts";
import { formatPath } from "../../src/config/problem.ts";

function pathsOf(value: object): string[] {
  const loaded = parseConfigValue(value);
  assert.ok("config" in loaded, JSON.stringify(loaded));
  return findNotBuilt(loaded.config).map(({ path }) => formatPath(path));
}

const plain = {
  upstreams: { app: { balance: "round-robin", servers: ["http://a"] } },
  routes: [{ upstream: "app" }],
};

describe("what is not built yet", () => {
  test("is nothing where only defaults are asked for", () => {
    assert.deepEqual(pathsOf(plain), []);
    assert.deepEqual(pathsOf({ ...plain, storage: "off", limits: { uri: "8KiB" }, compression: false }), []);
    assert.deepEqual(
      pathsOf({ ...plain, routes: [{ upstream: "app", access: {}, filters: {}, compression: false }] }),
      [],
    );
  });

  test("is named once a use, at its key", () => {
    const paths = pathsOf({
      ...plain,
      routes: [1, 2].map(() => ({ upstream: "app", mirror: { upstream: "app" } })),
    });
    assert.ok(paths.every((path) => /^routes\[[01]\]\.mirror$/.test(path)));
  });
});
