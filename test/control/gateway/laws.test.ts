import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { TrieRouter } from "hono/router/trie-router";

import { parseConfigValue } from "../../../src/config/load.ts";
import { coversHostname, hostnameRank, intersectHostnames } from "../../../src/control/gateway/hostnames.ts";
import { translateMatch } from "../../../src/control/gateway/routes/match.ts";
import { translate } from "../../../src/control/gateway/translate.ts";
import { Unsupported } from "../../../src/control/gateway/status/unsupported.ts";
import { createPathTest } from "../../../src/data/route/path-test.ts";
import { parseTarget } from "../../../src/http/canonical-path.ts";
import { type ApiObject, toCluster } from "./read-cluster.ts";
import { serviceObjects } from "./service-objects.ts";
import { gatewayClass } from "./start-gateway.ts";

/** A path as the API takes it: slashes, and between them what a segment may hold. */
const segment = fc.string({
  unit: fc.constantFrom(...Array.from("abAB01-._~!$&'()*+,;=:@"), "%20", "%41", "%C3%A9"),
  minLength: 1,
  maxLength: 6,
});
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join("/")}`);

function matcherOf(type: string, value: string): ((asked: string) => boolean) | undefined {
  try {
    const match = { path: { type, value }, headers: [], queryParams: [], method: undefined };
    const { conditions } = translateMatch(match);
    const pattern = String(conditions["path"]);
    const loaded = parseConfigValue({ routes: [{ path: pattern, respond: {} }] });
    assert.ok("config" in loaded, pattern);
    const [matches, tree] = [createPathTest(pattern), new TrieRouter<true>()];
    tree.add("GET", pattern, true);
    return (asked) => {
      const { matchPath = "/" } = parseTarget(asked) ?? {};
      assert.equal(tree.match("GET", matchPath)[0].length > 0, matches(matchPath));
      return matches(matchPath);
    };
  } catch (error) {
    assert.ok(error instanceof Unsupported);
    return undefined;
  }
}

describe("whatever path a match names", () => {
  test("Exact takes it and no other", () => {
    fc.assert(
      fc.property(path, path, (named, other) => {
        const matches = matcherOf("Exact", named);
        if (!matches) return;
        assert.ok(matches(named), named);
        const isSame = parseTarget(named)?.matchPath === parseTarget(other)?.matchPath;
        assert.equal(matches(other), isSame, `${named} ${other}`);
        assert.ok(!matches(`${named}/`));
      }),
    );
  });

  test("PathPrefix takes it and what lies under it, by whole segments", () => {
    fc.assert(
      fc.property(path, segment, (named, more) => {
        const matches = matcherOf("PathPrefix", named);
        if (!matches || parseTarget(`${named}/${more}`) === undefined || /^\.\.?$/.test(more)) return;
        assert.ok(matches(named));
        assert.ok(matches(`${named}/`));
        assert.ok(matches(`${named}/${more}`));
        assert.ok(!matches(`${named}x`));
      }),
    );
  });
});

const label = fc.constantFrom("a", "b", "c");
const hostname = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 4 }))
  .map(([isWild, labels]) => (isWild ? "*." : "") + labels.join("."));
const host = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join("."));

test("the hosts of an intersection are those that both sides take", () => {
  fc.assert(
    fc.property(hostname, fc.array(hostname, { maxLength: 3 }), host, (listener, route, asked) => {
      const takes = (names: readonly string[]): boolean => names.some((name) => coversHostname(name, asked));
      const both = takes([listener]) && (route.length === 0 || takes(route));
      assert.equal(takes(intersectHostnames(listener, route)), both);
    }),
  );
});

test("of two host names that take the same host, the narrower ranks higher", () => {
  fc.assert(
    fc.property(hostname, hostname, (one, other) => {
      if (one !== other && coversHostname(one, other)) assert.ok(hostnameRank(other) > hostnameRank(one));
    }),
  );
});

/** Texts that the configuration gives a meaning to. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "*",
    "/a/",
    "/(/",
    "$path",
    "${HOME}",
    "__proto__",
    "constructor",
    "",
    "\r\n",
    "10%",
    ":a",
    "{",
  ),
);
const pick = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const fieldMatch = fc.record({
  type: pick(fc.constantFrom("Exact", "RegularExpression", "Glob")),
  name: text,
  value: text,
});
const pathChange = fc.record({
  type: fc.constantFrom("ReplaceFullPath", "ReplacePrefixMatch", "Other"),
  replaceFullPath: pick(text),
  replacePrefixMatch: pick(text),
});
const target = fc.record({
  group: pick(fc.constantFrom("", "acme.io")),
  kind: pick(fc.constantFrom("Service", "Other")),
  name: fc.oneof(fc.constantFrom("app", "other"), text),
  namespace: pick(fc.constantFrom("default", "else")),
  port: pick(fc.oneof(fc.constant(8080), fc.integer())),
});
const modifier = fc.record({
  set: pick(fc.array(fc.record({ name: text, value: text }), { maxLength: 2 })),
  add: pick(fc.array(fc.record({ name: text, value: text }), { maxLength: 2 })),
  remove: pick(fc.array(text, { maxLength: 2 })),
});
const filter = fc.record({
  type: fc.constantFrom(
    "RequestHeaderModifier",
    "ResponseHeaderModifier",
    "RequestRedirect",
    "URLRewrite",
    "RequestMirror",
    "CORS",
  ),
  requestHeaderModifier: pick(modifier),
  responseHeaderModifier: pick(modifier),
  requestRedirect: pick(
    fc.record({
      scheme: pick(text),
      hostname: pick(text),
      path: pick(pathChange),
      port: pick(fc.integer()),
      statusCode: pick(fc.constantFrom(301, 302, 200)),
    }),
  ),
  urlRewrite: pick(fc.record({ hostname: pick(text), path: pick(pathChange) })),
  requestMirror: pick(
    fc.record({
      backendRef: target,
      percent: pick(fc.integer()),
      fraction: pick(fc.record({ numerator: fc.integer(), denominator: pick(fc.integer()) })),
    }),
  ),
});
const rule = fc.record({
  name: pick(text),
  matches: pick(
    fc.array(
      fc.record({
        path: pick(
          fc.record({
            type: pick(fc.constantFrom("Exact", "PathPrefix", "RegularExpression")),
            value: pick(fc.oneof(text, path)),
          }),
        ),
        headers: pick(fc.array(fieldMatch, { maxLength: 2 })),
        queryParams: pick(fc.array(fieldMatch, { maxLength: 2 })),
        method: pick(fc.constantFrom("GET", "POST", "TRACE", "get")),
      }),
      { maxLength: 3 },
    ),
  ),
  filters: pick(fc.array(filter, { maxLength: 3 })),
  backendRefs: pick(
    fc.array(
      fc.tuple(target, pick(fc.nat(10))).map(([ref, weight]) => Object.assign({}, ref, { weight })),
      { maxLength: 3 },
    ),
  ),
  timeouts: pick(fc.record({ request: pick(fc.oneof(fc.constantFrom("1s", "0s", "1h30m"), text)) })),
  retry: pick(
    fc.record({ codes: pick(fc.array(fc.integer({ min: 100, max: 700 }))), attempts: pick(fc.integer()) }),
  ),
});

test("whatever a rule says, it becomes a configuration that is valid, or a condition says why not", () => {
  const gateway = {
    kind: "Gateway",
    metadata: { name: "web", namespace: "default" },
    spec: {
      gatewayClassName: "headgate",
      listeners: [
        { name: "http", protocol: "HTTP", port: 80, hostname: "*.example.com" },
        { name: "any", protocol: "HTTP", port: 80 },
      ],
    },
  };
  const others: ApiObject[] = [
    gatewayClass,
    gateway,
    ...serviceObjects({ name: "app", endpoints: ["10.0.0.1:81"] }),
  ];
  const options = { className: "headgate", refusedPorts: new Map(), hasManyCertificates: true };
  const known = { valid: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 3 }),
      fc.array(fc.oneof(hostname, text), { maxLength: 2 }),
      (rules, hostnames) => {
        const spec = JSON.parse(
          JSON.stringify({ parentRefs: [{ name: "web" }], hostnames, rules }),
        ) as object;
        const route = { kind: "HTTPRoute", metadata: { name: "app", namespace: "default" }, spec };
        const { config, routes } = translate(toCluster([...others, route]), options);
        const loaded = parseConfigValue(config, "gateway");
        const problems =
          "problems" in loaded ? loaded.problems.map(({ path: at, message }) => `${at}: ${message}`) : [];
        const unforeseen = problems.filter((problem) => !foreseen.some((pattern) => pattern.test(problem)));
        assert.deepEqual(unforeseen, []);
        known[routes.some((plan) => plan.rules.some(({ fault }) => fault)) ? "refused" : "valid"] += 1;
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(known.valid > 20 && known.refused > 20, JSON.stringify(known));
});

/** What the API server refuses before we see it; should it come nevertheless, the route is left out as a whole. */
const foreseen: readonly RegExp[] = [
  /\.host: /,
  /\.host\[\d+\]: /,
  /(headers|query)(\.|: |\[)/,
  /\.filters\./,
  /\.name: /,
];
