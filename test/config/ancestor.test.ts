import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { convertAncestor } from "../../src/config/convert.ts";
import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problem.ts";

const options = { file: "old.yaml", env: {} };

const old = `
listeners: [8081, 8443, 9000]
targetGroups:
  - name: site
    fromPort: 8081
    toPort: 9001
    path: "/"
    sticky: false
    instances: ["http://example0.localhost", "http://example1.localhost/"]
  - { name: api, fromPort: 8081, toPort: 9002, path: /api, sticky: true, instances: ["http://example0.localhost"] }
  - { name: deep, fromPort: 8443, toPort: 9003, path: /api/deep/, instances: ["https://example0.localhost"] }
`;

function problemsOf(text: string): string[] {
  const loaded = loadConfig(text, options);
  return "config" in loaded ? [] : loaded.problems.map(describeProblem);
}

describe("a file of the old form", () => {
  const loaded = loadConfig(old, options);
  assert.ok("config" in loaded, JSON.stringify(loaded));
  const { listeners, upstreams, routes } = loaded.config;

  test("is read as it is: a listener a port", () => {
    assert.deepEqual(
      Object.entries(listeners).map(([name, { bind }]) => [name, bind]),
      [
        ["port-8081", ":8081"],
        ["port-8443", ":8443"],
        ["port-9000", ":9000"],
      ],
    );
  });

  test("has an upstream a group, whose servers take the group's port in turn", () => {
    assert.deepEqual(
      Object.entries(upstreams).map(([name, { balance, servers }]) => [
        name,
        balance,
        servers.map(({ url }) => url),
      ]),
      [
        ["site", "round-robin", ["http://example0.localhost:9001", "http://example1.localhost:9001"]],
        ["api", "round-robin", ["http://example0.localhost:9002"]],
        ["deep", "round-robin", ["https://example0.localhost:9003"]],
      ],
    );
  });

  test("keeps clients at their server where the group was sticky, with a cookie a group", () => {
    assert.deepEqual(
      Object.values(upstreams).map(({ sticky }) => sticky?.cookie),
      [undefined, "headgate-api", undefined],
    );
  });

  test("lets the longest path win", () => {
    assert.deepEqual(
      routes.map(({ name, listener, path, upstream }) => [name, listener, path, upstream]),
      [
        ["deep", ["port-8443"], "/api/deep/*", "deep"],
        ["api", ["port-8081"], "/api/*", "api"],
        ["site", ["port-8081"], "/*", "site"],
      ],
    );
  });

  test("converts to a file of today that means the same", () => {
    const converted = convertAncestor(old, options);
    assert.ok("text" in converted);
    const again = loadConfig(converted.text, options);
    assert.ok("config" in again);
    assert.deepEqual(again.config, loaded.config);
    assert.doesNotMatch(converted.text, /targetGroups/);
  });
});

test("a path pattern of a group matches the path itself and all below, as its prefix did", async () => {
  const app = new Hono().get("/api/*", (c) => c.text("group"));
  for (const [path, status] of Object.entries({
    "/api": 200,
    "/api/": 200,
    "/api/a/b": 200,
    "/apis": 404,
    "/": 404,
  })) {
    assert.equal((await app.request(path)).status, status, path);
  }
});

describe("a problem in a file of the old form is told in its own terms:", () => {
  const cases: Record<string, string> = {
    "listeners: [8081]\ntargetGroups: []":
      "old.yaml:2:15  targetGroups  cannot use this list: write at least one entry",
    "targetGroups:\n  - { name: a, fromPort: 1, toPort: 2, instances: [http://a] }":
      "old.yaml:1:1  listeners  missing: write a list",
    "listeners: [1, 1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 2, instances: [http://a] }]":
      "old.yaml:1:16  listeners[1]  cannot use 1 twice",
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 3, toPort: 2, instances: [http://a] }]":
      "old.yaml:2:37  targetGroups[0].fromPort  no listener has the port 3: listeners are 1",
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 70000, instances: [http://a] }]":
      "old.yaml:2:48  targetGroups[0].toPort  cannot use 70000: write a whole number from 1 to 65535",
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 2, instances: [http://a:3] }]":
      'old.yaml:2:63  targetGroups[0].instances[0]  cannot use "http://a:3": write a URL without port and path, such as http://server.internal: toPort is its port',
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 2, instances: [http://a, http://a] }]":
      'old.yaml:2:73  targetGroups[0].instances[1]  cannot use "http://a" twice',
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 2, path: '/:x', instances: [http://a] }]":
      'old.yaml:2:57  targetGroups[0].path  cannot use "/:x": write a path that starts with /, without : * { }',
    "listeners: [1]\ntargetGroups: [{ name: a, fromPort: 1, toPort: 2, intances: [], instances: [http://a] }]":
      'old.yaml:2:51  targetGroups[0].intances  unknown key, did you mean "instances"?',
    "listeners: [1]\ntargetGroups:\n- &a { name: a, fromPort: 1, toPort: 2, instances: [http://a] }\n- *a":
      'old.yaml:3:14  targetGroups[1].name  cannot use "a" twice: targetGroups[0] has this name',
  };
  for (const [text, problem] of Object.entries(cases)) {
    test(problem.slice("old.yaml:1:1  ".length), () => assert.deepEqual(problemsOf(text), [problem]));
  }
});

test("a file of today is not converted", () => {
  const converted = convertAncestor("listeners: { web: { bind: ':0' } }\nroutes: [{ respond: {} }]", options);
  assert.ok("problems" in converted);
  assert.match(converted.problems[0]?.message ?? "", /no old file/);
});
