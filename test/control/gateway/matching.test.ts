// The cases follow the conformance tests of the Gateway API (sigs.k8s.io/gateway-api, conformance/tests, Apache-2.0).

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Asked, startGateway } from "./start-gateway.ts";

const gateway = `
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: headgate, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
`;

/** A request in short: a path, or a method and a path; and the Service that it must reach, or the status. */
type Case = readonly [asked: string | Asked, expected: string | number];

function toAsked(asked: string | Asked): Asked {
  if (typeof asked !== "string") return asked;
  const [path = "", method = "GET"] = asked.split(" ").toReversed();
  return { path, method };
}

function checkTable(title: string, text: string, cases: readonly Case[]): void {
  test(title, async (t) => {
    const { ask } = await startGateway(t, text, { services: ["v1", "v2", "v3"] });
    for (const [asked, expected] of cases) {
      const { seen, status } = await ask(toAsked(asked));
      assert.equal(seen?.service ?? status, expected, JSON.stringify(asked));
    }
  });
}

const route = (rules: string, more = ""): string => `${gateway}
---
kind: HTTPRoute
metadata: { name: app }
spec:
  parentRefs: [{ name: web }]
  ${more}
  rules:
${rules}`;

const to = (service: string): string => `backendRefs: [{ name: ${service}, port: 8080 }]`;

describe("requests are matched", () => {
  checkTable(
    "by whole segments of a prefix, or by a header",
    route(`
  - matches: [{ path: { type: PathPrefix, value: / } }, { headers: [{ name: version, value: one }] }]
    ${to("v1")}
  - matches: [{ path: { type: PathPrefix, value: /v2 } }, { headers: [{ name: version, value: two }] }]
    ${to("v2")}`),
    [
      ["/", "v1"],
      ["/example", "v1"],
      [{ headers: { Version: "one" } }, "v1"],
      ["/v2", "v2"],
      ["/v2/", "v2"],
      ["/v2/example", "v2"],
      [{ headers: { version: "two" } }, "v2"],
      ["/v2example", "v1"],
      ["/foo/v2/example", "v1"],
    ],
  );

  checkTable(
    "by the whole path before any prefix, and by the longer prefix before the shorter, in whatever order they stand",
    route(`
  - { matches: [{ path: { type: PathPrefix, value: /match/ } }], ${to("v3")} }
  - { matches: [{ path: { type: PathPrefix, value: /match/prefix/ } }], ${to("v1")} }
  - { matches: [{ path: { type: PathPrefix, value: /match/prefix/one } }], ${to("v2")} }
  - { matches: [{ path: { type: Exact, value: /match/exact/one } }], ${to("v3")} }
  - { matches: [{ path: { type: Exact, value: /match/exact } }], ${to("v2")} }
  - { matches: [{ path: { type: Exact, value: /match } }], ${to("v1")} }`),
    [
      ["/match", "v1"],
      ["/match/exact", "v2"],
      ["/match/exact/one", "v3"],
      ["/match/exact/two", "v3"],
      ["/match/any", "v3"],
      ["/match/prefix", "v1"],
      ["/match/prefix/any", "v1"],
      ["/match/prefix/one/any", "v2"],
      ["/nothing", 404],
    ],
  );

  checkTable(
    "by the exact path with its case, and not by what lies under it",
    route(`
  - { matches: [{ path: { type: Exact, value: /one } }], ${to("v1")} }
  - { matches: [{ path: { type: Exact, value: /two/ } }], ${to("v2")} }`),
    [
      ["/one", "v1"],
      ["/two/", "v2"],
      ["/", 404],
      ["/One", 404],
      ["/one/", 404],
      ["/one/example", 404],
      ["/two", 404],
    ],
  );

  checkTable(
    "by characters that mean something else in patterns of our own",
    route(`
  - { matches: [{ path: { type: Exact, value: "/a/:id" } }], ${to("v1")} }
  - { matches: [{ path: { type: Exact, value: "/a/*" } }], ${to("v2")} }
  - { matches: [{ path: { type: PathPrefix, value: "/b*c" } }], ${to("v3")} }
  - { matches: [{ path: { type: Exact, value: "/x.y$(z)+" } }], ${to("v1")} }
  - { matches: [{ path: { type: PathPrefix, value: "/my%20path/%40home" } }], ${to("v2")} }`),
    [
      ["/a/:id", "v1"],
      ["/a/7", 404],
      ["/a/*", "v2"],
      ["/b*c/d", "v3"],
      ["/bxc", 404],
      ["/x.y$(z)+", "v1"],
      ["/x-y$(z)+", 404],
      ["/my%20path/@home/a", "v2"],
      ["/my%20path/%40home", "v2"],
    ],
  );

  checkTable(
    "by a regular expression for the whole path, after whole paths and before prefixes",
    route(`
  - { matches: [{ path: { type: PathPrefix, value: /v1 } }], ${to("v1")} }
  - { matches: [{ path: { type: RegularExpression, value: "/v[0-9]+/.*" } }], ${to("v2")} }
  - { matches: [{ path: { type: Exact, value: /v3/whole } }], ${to("v3")} }`),
    [
      ["/v1", "v1"],
      ["/v1/a", "v2"],
      ["/a/v2/b", 404],
      ["/v3/whole", "v3"],
    ],
  );

  checkTable(
    "by method before headers, and by headers before query parameters",
    route(`
  - { matches: [{ queryParams: [{ name: animal, value: hydra }] }], ${to("v3")} }
  - { matches: [{ headers: [{ name: version, value: four }] }], ${to("v2")} }
  - { matches: [{ method: PATCH }], ${to("v1")} }
  - { matches: [{ path: { value: /path5 } }], ${to("v3")} }
  - { matches: [{ path: { value: /path5 }, method: DELETE }], ${to("v1")} }`),
    [
      [{ method: "PATCH", path: "/?animal=hydra", headers: { version: "four" } }, "v1"],
      [{ path: "/?animal=hydra", headers: { version: "four" } }, "v2"],
      ["/?animal=hydra", "v3"],
      ["PATCH /path5", "v3"],
      ["DELETE /path5", "v1"],
      ["HEAD /", 404],
      ["PUT /", 404],
    ],
  );

  checkTable(
    "by more headers before fewer, and by any of several matches",
    route(`
  - { matches: [{ headers: [{ name: version, value: two }] }], ${to("v2")} }
  - { matches: [{ headers: [{ name: version, value: two }, { name: Color, value: orange }] }], ${to("v1")} }
  - { matches: [{ headers: [{ name: color, value: blue }] }, { headers: [{ name: color, value: green }] }], ${to("v3")} }
  - { matches: [{ headers: [{ name: star, value: "*" }] }], ${to("v1")} }
  - { matches: [{ headers: [{ name: slash, value: "/a.c/i" }] }], ${to("v2")} }
  - { matches: [{ headers: [{ name: regex, type: RegularExpression, value: "a|b" }] }], ${to("v3")} }`),
    [
      [{ headers: { version: "two" } }, "v2"],
      [{ headers: { version: "two", color: "orange" } }, "v1"],
      [{ headers: { version: "two", color: "red" } }, "v2"],
      [{ headers: { color: "green" } }, "v3"],
      [{ headers: { color: "purple" } }, 404],
      [{ headers: { star: "*" } }, "v1"],
      [{ headers: { star: "any" } }, 404],
      [{ headers: { slash: "/a.c/i" } }, "v2"],
      [{ headers: { slash: "ABC" } }, 404],
      [{ headers: { regex: "b" } }, "v3"],
      [{ headers: { regex: "bb" } }, 404],
    ],
  );

  checkTable(
    "by query parameters, whose names and values have a case",
    route(`
  - { matches: [{ queryParams: [{ name: animal, value: whale }] }], ${to("v1")} }
  - { matches: [{ queryParams: [{ name: animal, value: dolphin }] }], ${to("v2")} }
  - matches:
    - queryParams: [{ name: animal, value: dolphin }, { name: color, value: blue }]
    - queryParams: [{ name: ANIMAL, value: Whale }]
    ${to("v3")}`),
    [
      ["/?animal=whale", "v1"],
      ["/?animal=dolphin", "v2"],
      ["/?animal=dolphin&color=blue", "v3"],
      ["/?ANIMAL=Whale", "v3"],
      ["/?animal=whale&other=irrelevant", "v1"],
      ["/?animal=dolphin&color=yellow", "v2"],
      ["/?color=blue", 404],
      ["/?animal=whaledolphin", 404],
      ["/", 404],
    ],
  );
});

describe("across routes", () => {
  const older = `
kind: HTTPRoute
metadata: { name: z, creationTimestamp: "2026-01-01T00:00:00Z" }
spec:
  parentRefs: [{ name: web }]
  hostnames: [example.com, example.net]
  rules: [{ matches: [{ path: { value: / } }, { headers: [{ name: version, value: one }] }], ${to("v1")} }]`;
  const younger = `
kind: HTTPRoute
metadata: { name: a, creationTimestamp: "2026-01-02T00:00:00Z" }
spec:
  parentRefs: [{ name: web }]
  hostnames: [example.com]
  rules: [{ matches: [{ path: { value: /v2 } }, { headers: [{ name: version, value: one }] }], ${to("v2")} }]`;

  for (const documents of [
    [gateway, older, younger],
    [younger, older, gateway],
  ]) {
    checkTable("matches compete as in one, and of equals the older route wins", documents.join("\n---\n"), [
      [{ host: "example.com" }, "v1"],
      [{ host: "example.com:8080", path: "/v2/a" }, "v2"],
      [{ host: "example.net", path: "/v2" }, "v1"],
      [{ host: "example.com", headers: { version: "one" } }, "v1"],
      [{ host: "other.com" }, 404],
    ]);
  }

  const hosts = (name: string, hostname: string, service: string): string => `
kind: HTTPRoute
metadata: { name: ${name} }
spec: { parentRefs: [{ name: web }], hostnames: ["${hostname}"], rules: [{ ${to(service)} }] }`;

  checkTable(
    "a whole host name comes before a wildcard, and a longer wildcard before a shorter",
    [
      gateway,
      hosts("a", "*.example.com", "v1"),
      hosts("b", "*.sub.example.com", "v2"),
      hosts("c", "x.sub.example.com", "v3"),
    ].join("\n---\n"),
    [
      [{ host: "a.example.com" }, "v1"],
      [{ host: "a.b.example.com" }, "v1"],
      [{ host: "a.sub.example.com" }, "v2"],
      [{ host: "X.Sub.Example.com" }, "v3"],
      [{ host: "example.com" }, 404],
    ],
  );
});

describe("listeners", () => {
  const isolated = `
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: headgate
  listeners:
  - { name: any, protocol: HTTP, port: 80 }
  - { name: wide, protocol: HTTP, port: 80, hostname: "*.example.com" }
  - { name: narrow, protocol: HTTP, port: 80, hostname: "*.foo.example.com" }
  - { name: whole, protocol: HTTP, port: 80, hostname: abc.foo.example.com }`;
  const attached = (name: string, section: string): string => `
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: web, sectionName: ${section} }]
  rules: [{ matches: [{ path: { value: /${section} } }], ${to("v1")} }]`;

  const sections = ["any", "wide", "narrow", "whole"];
  const hosts = ["bar.com", "bar.example.com", "bar.foo.example.com", "abc.foo.example.com"];
  checkTable(
    "of one port are isolated: the closest host name takes a request, and no other gets it then",
    [isolated, ...sections.map((section) => attached(`to-${section}`, section))].join("\n---\n"),
    hosts.flatMap((host, own) =>
      sections.map((section, index): Case => [{ host, path: `/${section}` }, index === own ? "v1" : 404]),
    ),
  );

  checkTable(
    "narrow the hosts of a route that is attached to several of them",
    `${isolated}
---
kind: HTTPRoute
metadata: { name: app }
spec:
  parentRefs: [{ name: web }, { name: web, sectionName: wide }]
  hostnames: [bar.com, bar.example.com, "*.foo.example.com"]
  rules: [{ ${to("v1")} }]`,
    [
      [{ host: "bar.com" }, "v1"],
      [{ host: "bar.example.com" }, "v1"],
      [{ host: "x.foo.example.com" }, "v1"],
      [{ host: "abc.foo.example.com" }, "v1"],
      [{ host: "other.example.com" }, 404],
      [{ host: "other.com" }, 404],
    ],
  );

  checkTable(
    "are chosen by port and by name",
    `
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: headgate
  listeners:
  - { name: one, protocol: HTTP, port: 80, hostname: foo.com }
  - { name: two, protocol: HTTP, port: 8080, hostname: foo.com }
  - { name: three, protocol: HTTP, port: 8080, hostname: bar.com }
  - { name: four, protocol: HTTP, port: 8090, hostname: foo.com }
---
kind: HTTPRoute
metadata: { name: first }
spec: { parentRefs: [{ name: web, port: 80 }], rules: [{ ${to("v1")} }] }
---
kind: HTTPRoute
metadata: { name: second }
spec: { parentRefs: [{ name: web, port: 8080 }], rules: [{ ${to("v2")} }] }
---
kind: HTTPRoute
metadata: { name: third }
spec: { parentRefs: [{ name: web, port: 8090, sectionName: four }], rules: [{ ${to("v3")} }] }`,
    [
      [{ host: "foo.com" }, "v1"],
      [{ host: "bar.com" }, 404],
      [{ host: "foo.com", port: 8080 }, "v2"],
      [{ host: "bar.com", port: 8080 }, "v2"],
      [{ host: "foo.com", port: 8090 }, "v3"],
      [{ host: "bar.com", port: 8090 }, 404],
    ],
  );

  checkTable(
    "share no host name with a route that is not for them",
    `
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: headgate
  listeners:
  - { name: one, protocol: HTTP, port: 80, hostname: very.specific.com }
  - { name: two, protocol: HTTP, port: 80, hostname: "*.wildcard.io" }
---
kind: HTTPRoute
metadata: { name: first }
spec:
  parentRefs: [{ name: web }]
  hostnames: [non.matching.com, "*.specific.com", wildcard.io]
  rules: [{ matches: [{ path: { value: /s1 } }], ${to("v1")} }]
---
kind: HTTPRoute
metadata: { name: second }
spec:
  parentRefs: [{ name: web }]
  hostnames: [foo.wildcard.io, foo.bar.wildcard.io]
  rules: [{ matches: [{ path: { value: /s2 } }], ${to("v2")} }]`,
    [
      [{ host: "very.specific.com", path: "/s1" }, "v1"],
      [{ host: "other.specific.com", path: "/s1" }, 404],
      [{ host: "wildcard.io", path: "/s1" }, 404],
      [{ host: "foo.wildcard.io", path: "/s2" }, "v2"],
      [{ host: "foo.bar.wildcard.io", path: "/s2" }, "v2"],
      [{ host: "bar.wildcard.io", path: "/s2" }, 404],
      [{ host: "very.specific.com", path: "/s2" }, 404],
    ],
  );
});
