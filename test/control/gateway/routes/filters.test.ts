// The cases follow examples and conformance tests of the Gateway API (sigs.k8s.io/gateway-api, Apache-2.0).

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../../kit/eventually.ts";
import type { Teardown } from "../../../kit/teardown.ts";
import { type Asked, startGateway, type TestGateway } from "../start-gateway.ts";

const gateway = `
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: headgate
  listeners: [{ name: http, protocol: HTTP, port: 80 }, { name: other, protocol: HTTP, port: 8080 }]
`;

const to = (service: string): string => `backendRefs: [{ name: ${service}, port: 8080 }]`;

function start(t: Teardown, rules: string): Promise<TestGateway> {
  const text = `${gateway}
---
kind: HTTPRoute
metadata: { name: app }
spec:
  parentRefs: [{ name: web }]
  rules:
${rules}`;
  return startGateway(t, text, { services: ["v1", "v2", "v3"] });
}

const pathRule = (path: string, filter: string, backend = to("v1")): string => `
  - matches: [{ path: { value: "${path}" } }]
    filters: [${filter}]
    ${backend}`;

describe("a RequestHeaderModifier", () => {
  test("sets, adds and removes what servers get", async (t) => {
    const change =
      "set: [{ name: X-Set, value: new }, { name: x-set, value: second }], add: [{ name: X-Add, value: more }], remove: [X-Remove]";
    const filter = `{ type: RequestHeaderModifier, requestHeaderModifier: { ${change} } }`;
    const { ask } = await start(t, pathRule("/", filter));
    const headers = { "x-set": "old", "x-add": "some", "x-remove": "gone", "x-other": "kept" };
    const { seen } = await ask({ headers });
    const { "x-set": set, "x-add": add, "x-remove": removed, "x-other": other } = seen?.headers ?? {};
    assert.deepEqual([set, add, removed, other], ["new", "some, more", undefined, "kept"]);
  });
});

describe("a ResponseHeaderModifier", () => {
  test("sets, adds and removes what clients get", async (t) => {
    const change =
      "set: [{ name: Content-Type, value: application/json }, { name: X-Set, value: new }], add: [{ name: X-Add, value: more }], remove: [Date]";
    const filter = `{ type: ResponseHeaderModifier, responseHeaderModifier: { ${change} } }`;
    const { ask } = await start(t, pathRule("/", filter));
    const { headers } = await ask({});
    const { "content-type": type, "x-set": set, "x-add": add } = headers;
    assert.deepEqual([type, set, add], ["application/json", "new", "more"]);
  });
});

describe("a RequestRedirect", () => {
  const redirect = (value: string): string => `{ type: RequestRedirect, requestRedirect: ${value} }`;
  const cases: readonly (readonly [filter: string, asked: Asked, status: number, location: string])[] = [
    ["{ hostname: example.org }", { path: "/p/a?b=c" }, 302, "http://example.org/p/a?b=c"],
    ["{ hostname: example.org, statusCode: 301 }", { path: "/p" }, 301, "http://example.org/p"],
    ["{ statusCode: 303, hostname: a.org }", { path: "/p" }, 303, "http://a.org/p"],
    ["{ statusCode: 307, hostname: a.org }", { path: "/p" }, 307, "http://a.org/p"],
    ["{ statusCode: 308, hostname: a.org }", { path: "/p" }, 308, "http://a.org/p"],
    ["{ scheme: https }", { path: "/p", host: "b.org" }, 302, "https://b.org/p"],
    ["{ scheme: https, port: 443 }", { path: "/p", host: "b.org" }, 302, "https://b.org/p"],
    ["{ scheme: https, port: 8443 }", { path: "/p", host: "b.org" }, 302, "https://b.org:8443/p"],
    ["{ port: 8080 }", { path: "/p", host: "b.org" }, 302, "http://b.org:8080/p"],
    ["{ port: 80 }", { path: "/p", host: "b.org" }, 302, "http://b.org/p"],
    ["{ port: 80 }", { path: "/p", host: "b.org", port: 8080 }, 302, "http://b.org/p"],
    ["{ hostname: a.org }", { path: "/p", port: 8080 }, 302, "http://a.org:8080/p"],
    ["{ scheme: https }", { path: "/p", host: "b.org", port: 8080 }, 302, "https://b.org/p"],
    [
      "{ path: { type: ReplaceFullPath, replaceFullPath: /full } }",
      { path: "/p/a", host: "b.org" },
      302,
      "http://b.org/full",
    ],
    [
      "{ path: { type: ReplaceFullPath, replaceFullPath: /$path/$host } }",
      { path: "/p/a", host: "b.org" },
      302,
      "http://b.org/$path/$host",
    ],
    [
      "{ path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } }",
      { path: "/p/a?b", host: "b.org" },
      302,
      "http://b.org/new/a?b",
    ],
    [
      "{ path: { type: ReplacePrefixMatch, replacePrefixMatch: /new }, hostname: a.org, statusCode: 301 }",
      { path: "/p" },
      301,
      "http://a.org/new",
    ],
  ];

  for (const [filter, asked, status, location] of cases) {
    test(`${filter} sends ${JSON.stringify(asked)} to ${location}`, async (t) => {
      const { ask } = await start(t, pathRule("/p", redirect(filter), ""));
      const answered = await ask(asked);
      assert.deepEqual([answered.status, answered.headers.location], [status, location]);
    });
  }
});

describe("a URLRewrite", () => {
  const rewrite = (value: string): string => `{ type: URLRewrite, urlRewrite: ${value} }`;

  const fullPath = (path: string): string => `path: { type: ReplaceFullPath, replaceFullPath: ${path} }`;
  for (const [change, path, expected] of [
    ["hostname: one.org", "/rule/a", "one.org/rule/a"],
    ["hostname: one.org", "/other", "b.org/other"], // another rule, of the same Service
    [fullPath("/one$1"), "/rule/a/b?c=d", "b.org/one$1?c=d"],
    [`hostname: one.org, ${fullPath("/full")}`, "/rule/a", "one.org/full"],
  ] as const) {
    test(`of what begins with /rule to { ${change} } makes b.org${path} ${expected}`, async (t) => {
      const { ask } = await start(t, pathRule("/rule", rewrite(`{ ${change} }`)) + pathRule("/", ""));
      const { seen } = await ask({ path, host: "b.org" });
      assert.equal(`${seen?.headers["host"]}${seen?.path}`, expected);
    });
  }

  // The table stands in the Gateway API's documentation of replacePrefixMatch.
  for (const [path, prefix, replacement, expected] of [
    ["/foo/bar", "/foo", "/xyz", "/xyz/bar"],
    ["/foo/bar", "/foo", "/xyz/", "/xyz/bar"],
    ["/foo/bar", "/foo/", "/xyz", "/xyz/bar"],
    ["/foo/bar", "/foo/", "/xyz/", "/xyz/bar"],
    ["/foo", "/foo", "/xyz", "/xyz"],
    ["/foo/", "/foo", "/xyz", "/xyz/"],
    ["/foo/bar", "/foo", "", "/bar"],
    ["/foo/", "/foo", "", "/"],
    ["/foo", "/foo", "", "/"],
    ["/foo/", "/foo", "/", "/"],
    ["/foo", "/foo", "/", "/"],
    ["/foo/bar", "/", "/xyz", "/xyz/foo/bar"],
    ["/", "/", "/xyz", "/xyz/"],
    ["/%40x/a", "/@x", "/xyz", "/xyz/a"], // another spelling of the same path
    ["/a%2Fb/c", "/a/b", "/xyz", "/xyz/c"],
    ["/a//b/c", "/a/b", "/$1", "/$1/c"],
  ] as const) {
    test(`of the prefix ${prefix} to "${replacement}" makes ${path} ${expected}`, async (t) => {
      const change = `{ path: { type: ReplacePrefixMatch, replacePrefixMatch: "${replacement}" } }`;
      const { ask } = await start(t, pathRule(prefix, rewrite(change)));
      assert.equal((await ask({ path })).seen?.path, expected);
    });
  }
});

describe("a RequestMirror", () => {
  const mirror = (service: string, more = ""): string =>
    `{ type: RequestMirror, requestMirror: { backendRef: { name: ${service}, port: 8080 } ${more} } }`;

  test("sends a copy elsewhere, and the client gets the answer of the backend", async (t) => {
    const { ask, seen } = await start(t, pathRule("/", mirror("v2")));
    assert.equal((await ask({ path: "/a" })).seen?.service, "v1");
    await eventually(() => seen.length === 2);
    assert.deepEqual(
      new Set(seen.map(({ service, path }) => `${service} ${path}`)),
      new Set(["v1 /a", "v2 /a"]),
    );
  });

  for (const share of ["percent: 0", "fraction: { numerator: 0 }"]) {
    test(`copies nothing with ${share}`, async (t) => {
      const { ask, seen } = await start(t, pathRule("/", mirror("v2", `, ${share}`)));
      for (let round = 0; round < 5; round++) await ask({});
      assert.deepEqual(new Set(seen.map(({ service }) => service)), new Set(["v1"]));
    });
  }

  test("to where there is no backend does the request no harm", async (t) => {
    const { ask } = await start(t, pathRule("/", mirror("nowhere")));
    assert.equal((await ask({})).seen?.service, "v1");
  });
});

describe("filters of one backend", () => {
  test("act on the requests that go there, and on no others", async (t) => {
    const { ask } = await start(
      t,
      `
  - filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-rule, value: r }] } }]
    backendRefs:
    - name: v1
      port: 8080
      filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-backend, value: one }] } }]
    - name: v2
      port: 8080
      filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-backend, value: two }] } }]`,
    );
    const services = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const { seen } = await ask({});
      services.add(seen?.service ?? "");
      assert.equal(seen?.headers["x-backend"], seen?.service === "v1" ? "one" : "two");
      assert.equal(seen?.headers["x-rule"], "r");
    }
    assert.deepEqual(services, new Set(["v1", "v2"]));
  });
});
