import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { parseConfigValue } from "../../../src/config/load.ts";
import { describeChanges, type Described } from "../../../src/control/configuration/changes.ts";

const base = {
  listeners: { web: { bind: ":8080" } },
  upstreams: { app: { servers: ["http://10.0.0.1:80", "http://10.0.0.2:80"] } },
  routes: [
    { name: "a", path: "/a", upstream: "app" },
    { name: "b", path: "/b", upstream: "app" },
  ],
};

function read(more: Record<string, unknown>, files: Record<string, string> = {}): Described {
  const loaded = parseConfigValue({ ...base, ...more });
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  return { config: loaded.config, files };
}

describe("changes", () => {
  const cases: readonly [what: string, more: Record<string, unknown>, changes: string[]][] = [
    ["nothing", {}, []],
    [
      "a listener",
      { listeners: { web: { bind: ":81" }, two: { bind: ":82" } } },
      ["listener web changed", "listener two added"],
    ],
    [
      "servers",
      { upstreams: { app: { servers: [{ url: "http://10.0.0.2:80", weight: 2 }, "http://10.0.0.3:80"] } } },
      ["server app/10.0.0.1:80 removed", "server app/10.0.0.2:80 changed", "server app/10.0.0.3:80 added"],
    ],
    [
      "an upstream beside its servers",
      { upstreams: { app: { ...base.upstreams.app, balance: "hash" } } },
      ["upstream app changed"],
    ],
    ["the order of routes", { routes: base.routes.toReversed() }, ["routes reordered"]],
    ["a route that is gone", { routes: base.routes.slice(1) }, ["route a removed"]],
    ["another block", { accessLog: { format: "off" } }, ["accessLog changed"]],
    [
      "what waits for a start",
      { workers: 3, admin: { bind: ":1", token: "x" } },
      ["workers changed (at the next start)", "admin changed (at the next start)"],
    ],
  ];
  for (const [what, more, changes] of cases) {
    test(`tells ${what}`, () => assert.deepEqual(describeChanges(read({}), read(more)), changes));
  }

  test("tells a file that has another content", () => {
    assert.deepEqual(describeChanges(read({}, { "404.html": "a" }), read({}, { "404.html": "b" })), [
      "file 404.html changed",
    ]);
  });
});
