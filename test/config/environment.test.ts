import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { substitute } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load.ts";
import { stringify } from "yaml";

const env = { NAME: "value", EMPTY: "", OTHER: "${NAME}" };

describe("a variable", () => {
  const cases: Record<string, string> = {
    "${NAME}": "value",
    "a ${NAME} b ${NAME}": "a value b value",
    "${MISSING:-fallback}": "fallback",
    "${MISSING:-}": "",
    "${MISSING:-a:-b $1}": "a:-b $1",
    "${NAME:-fallback}": "value",
    "${EMPTY}": "",
    "${EMPTY:-fallback}": "fallback",
    "${OTHER}": "${NAME}",
    "$${NAME}": "${NAME}",
    "$NAME $1 $ {NAME} ${1} a{2}${": "$NAME $1 $ {NAME} ${1} a{2}${",
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(`${text} becomes ${JSON.stringify(expected)}`, () => {
      assert.deepEqual([substitute(text, env).text, substitute(text, env).faults], [expected, []]);
    });
  }

  test("that is not set and has no fallback is a fault", () => {
    assert.deepEqual(substitute("${MISSING}${toString}", env).faults, [
      "the variable MISSING is not set: set it, or write ${MISSING:-fallback}",
      "the variable toString is not set: set it, or write ${toString:-fallback}",
    ]);
  });

  for (const text of ["${NAME", "${NAME-x}", "${A:-${NAME}}", "${a.b}"]) {
    test(`is a fault where it is malformed: ${text}`, () =>
      assert.equal(substitute(text, env).faults.length, 1));
  }
});

test("no value breaks out of its string, whatever stands in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const text = [
        'listeners: { web: { bind: ":0" } }',
        'routes: [{ respond: { body: "<${VALUE}>", status: 200 }, name: here }]',
      ].join("\n");
      const loaded = loadConfig(text, { file: "c.yaml", env: { VALUE: value } });
      assert.ok("config" in loaded);
      assert.equal(loaded.config.routes[0]?.respond?.body, `<${value}>`);
    }),
    { numRuns: 150 },
  );
});

test("a text without variables stays as it is", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("${")),
      (text) => substitute(text, env).text === text,
    ),
    { numRuns: 200 },
  );
});

test("a variable may become a number or a flag", () => {
  const server = { url: "http://${HOST}:${PORT}", weight: "${WEIGHT}", backup: "${BACKUP}" };
  const value = {
    listeners: { web: { bind: ":${PORT}" } },
    upstreams: { app: { servers: [server] } },
    routes: [{ upstream: "app" }],
  };
  const loaded = loadConfig(stringify(value), {
    file: "c.yaml",
    env: { HOST: "a.example", PORT: "8080", WEIGHT: "7", BACKUP: "true" },
  });
  assert.ok("config" in loaded);
  assert.deepEqual(loaded.config.upstreams["app"]?.servers, [
    { url: "http://a.example:8080", name: "a.example:8080", weight: 7, backup: true, maxConnections: 0 },
  ]);
});
