// The cases follow the conformance tests of the Gateway API (sigs.k8s.io/gateway-api, conformance/tests, Apache-2.0).

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { supportedFeatures } from "../../../src/control/gateway/features.ts";
import { statusesOf, type WantedStatus } from "../../../src/control/gateway/status/statuses.ts";
import { translate, type TranslateOptions } from "../../../src/control/gateway/translate.ts";
import { createAuthority, type TestCertificate } from "../../kit/certificates.ts";
import { type ApiObject, readDocuments, toCluster } from "./read-cluster.ts";
import { serviceObjects } from "./service-objects.ts";
import { gatewayClass } from "./start-gateway.ts";

const certificates: Record<string, TestCertificate> = {};

before(async () => {
  const closing: (() => unknown)[] = [];
  const authority = await createAuthority({ after: (run) => void closing.push(run) });
  certificates["a"] = await authority.issue("a", { names: "DNS:a.example" });
  certificates["b"] = await authority.issue("b", { names: "DNS:b.example" });
  for (const close of closing) await close();
});

function secret(name: string, cert: string, key = cert): ApiObject {
  const [shortName = "", namespace = "default"] = name.split("/").toReversed();
  const encode = (text = ""): string => Buffer.from(text).toString("base64");
  const data = { "tls.crt": encode(certificates[cert]?.cert), "tls.key": encode(certificates[key]?.key) };
  return { kind: "Secret", metadata: { name: shortName, namespace }, type: "kubernetes.io/tls", data };
}

interface Given {
  readonly objects?: readonly ApiObject[];
  readonly options?: Partial<TranslateOptions>;
}

function statuses(text: string, { objects = [], options = {} }: Given = {}): WantedStatus[] {
  const cluster = toCluster([
    gatewayClass,
    ...readDocuments(text),
    ...serviceObjects({ name: "app", endpoints: ["10.0.0.1:80"] }),
    ...objects,
  ]);
  const all = { className: "headgate", refusedPorts: new Map(), hasManyCertificates: true, ...options };
  const addresses = [{ type: "IPAddress", value: "192.0.2.1" }] as const;
  return statusesOf(translate(cluster, all), { addresses, all: cluster.routes });
}

type Conditions = readonly { readonly type: string; readonly status: string; readonly reason: string }[];

/** `Accepted`, or `Accepted=False Reason` for what is not as it should be. */
function inShort(conditions: Conditions = []): string[] {
  return conditions.map(({ type, status, reason }) => {
    const isAsUsual = status === (type === "Conflicted" ? "False" : "True") && reason !== "ListenersNotValid";
    return isAsUsual ? type : `${type}=${status} ${reason}`;
  });
}

function gatewayOf(all: readonly WantedStatus[], name = "web") {
  const found = all.find(({ kind, object }) => kind === "Gateway" && object.metadata.name === name);
  return found?.kind === "Gateway" ? found.status : assert.fail(`there is no Gateway ${name}`);
}

function routeOf(all: readonly WantedStatus[], name = "app") {
  const found = all.find(({ kind, object }) => kind === "HTTPRoute" && object.metadata.name === name);
  return found?.kind === "HTTPRoute" ? found.status.parents : [];
}

const gateway = (listeners: string, more = "", name = "web"): string => `
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: headgate, listeners: [${listeners}] ${more} }`;

const http = "{ name: http, protocol: HTTP, port: 80 }";
const fine = ["Accepted", "ResolvedRefs", "Conflicted", "Programmed"];
const closed = "Programmed=False Invalid";

describe("a GatewayClass", () => {
  test("of ours is accepted, and says what we can do", () => {
    const [found] = statuses(gateway(http));
    assert.ok(found?.kind === "GatewayClass");
    assert.deepEqual(inShort(found.status.conditions), ["Accepted"]);
    assert.deepEqual(
      found.status.supportedFeatures.map(({ name }) => name),
      supportedFeatures,
    );
    assert.deepEqual(supportedFeatures, supportedFeatures.toSorted());
  });

  const translated = (spec: string, name = "headgate"): WantedStatus[] => {
    const text = `kind: GatewayClass\nmetadata: { name: ${name} }\nspec: ${spec}\n---${gateway(http)}`;
    const options = { className: "headgate", refusedPorts: new Map(), hasManyCertificates: true };
    const translation = translate(toCluster(readDocuments(text)), options);
    return statusesOf(translation, { addresses: [], all: [] });
  };

  test("with parameters is not, and its Gateways are left alone", () => {
    const all = translated(
      "{ controllerName: headgate.internal/gateway-controller, parametersRef: { kind: A, group: b, name: c } }",
    );
    assert.equal(all.length, 1);
    assert.ok(all[0]?.kind === "GatewayClass");
    assert.deepEqual(inShort(all[0].status.conditions), ["Accepted=False InvalidParameters"]);
  });

  test("of another controller, or of another name, is not our concern", () => {
    assert.deepEqual(translated("{ controllerName: acme.io/controller }"), []);
    assert.deepEqual(translated("{ controllerName: headgate.internal/gateway-controller }", "other"), []);
  });
});

describe("a Gateway", () => {
  const addresses = [{ type: "IPAddress", value: "192.0.2.1" }] as const;
  const conditionsOf = (more: string): string[] => {
    const status = gatewayOf(statuses(gateway(http, more), { options: { addresses } }));
    const closedListeners = status.listeners.filter(({ conditions }) => inShort(conditions).includes(closed));
    return [...inShort(status.conditions), ...closedListeners.map(({ name }) => `${name} is closed`)];
  };

  test("may ask for the address that it has anyway", () => {
    assert.deepEqual(conditionsOf(", addresses: [{ value: 192.0.2.1 }]"), ["Accepted", "Programmed"]);
  });

  for (const [wanted, reason] of [
    ["addresses: [{ value: 192.0.2.2 }]", "UnsupportedAddress"],
    ["addresses: [{ type: IPAddress }]", "UnsupportedAddress"],
    ["addresses: [{ value: 192.0.2.1 }, { type: Hostname, value: lb.example }]", "UnsupportedAddress"],
    ["infrastructure: { parametersRef: { group: a, kind: B, name: c } }", "InvalidParameters"],
  ] as const) {
    test(`that asks for ${wanted} is not served`, () => {
      const expected = [`Accepted=False ${reason}`, "Programmed=False Invalid", "http is closed"];
      assert.deepEqual(conditionsOf(`, ${wanted}`), expected);
    });
  }
});

describe("a listener", () => {
  const tls = (refs: string, more = ""): string =>
    `{ name: tls, protocol: HTTPS, port: 443 ${more}, tls: { certificateRefs: [${refs}] } }`;
  const refused = (reason: string) => [`Accepted=False ${reason}`, "ResolvedRefs", "Conflicted", closed];
  const invalid = ["Accepted", "ResolvedRefs=False InvalidCertificateRef", "Conflicted", closed];
  const cases: readonly (readonly [what: string, listeners: string, expected: readonly string[]])[] = [
    ["of HTTP", http, fine],
    [
      "with a protocol that is not HTTP",
      "{ name: a, protocol: TCP, port: 80 }",
      refused("UnsupportedProtocol"),
    ],
    [
      "with a name of an object's own for protocol",
      "{ name: a, protocol: constructor, port: 80 }",
      refused("UnsupportedProtocol"),
    ],
    ["on a port that is none", "{ name: a, protocol: HTTP, port: 70000 }", refused("PortUnavailable")],
    [
      "with a broken host name",
      '{ name: a, protocol: HTTP, port: 80, hostname: "a..b" }',
      refused("UnsupportedValue"),
    ],
    ["with a certificate", tls("{ name: good }"), fine],
    ["whose certificate is missing", tls("{ name: nowhere }"), invalid],
    ["without a certificate", tls(""), invalid],
    ["whose Secret is no certificate", tls("{ name: empty }"), invalid],
    ["whose key is of another certificate", tls("{ name: mixed }"), invalid],
    ["whose certificate is of another kind", tls("{ kind: ConfigMap, name: good }"), invalid],
    [
      "one of whose certificates is good",
      tls("{ name: good }, { name: nowhere }"),
      ["Accepted", "ResolvedRefs=False InvalidCertificateRef", "Conflicted", "Programmed"],
    ],
    [
      "whose certificate is in another namespace",
      tls("{ name: far, namespace: other }"),
      ["Accepted", "ResolvedRefs=False RefNotPermitted", "Conflicted", closed],
    ],
    ["whose certificate another namespace grants", tls("{ name: far, namespace: granting }"), fine],
    [
      "that passes TLS through",
      "{ name: a, protocol: HTTPS, port: 443, tls: { mode: Passthrough, certificateRefs: [{ name: good }] } }",
      refused("UnsupportedValue"),
    ],
    [
      "with options",
      "{ name: a, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: good }], options: { a: b } } }",
      refused("UnsupportedValue"),
    ],
    [
      "that asks for client certificates",
      "{ name: a, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: good }], frontendValidation: {} } }",
      refused("UnsupportedValue"),
    ],
    [
      "for another kind of routes",
      "{ name: a, protocol: HTTP, port: 80, allowedRoutes: { kinds: [{ kind: TLSRoute }] } }",
      ["Accepted", "ResolvedRefs=False InvalidRouteKinds", "Conflicted", "Programmed"],
    ],
  ];
  const grant = `
kind: ReferenceGrant
metadata: { name: grant, namespace: granting }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: default }]
  to: [{ group: "", kind: Secret }]`;

  for (const [what, listeners, expected] of cases) {
    test(`${what} has the conditions ${expected.join(", ")}`, () => {
      const objects = [
        secret("good", "a"),
        secret("mixed", "a", "b"),
        secret("other/far", "a"),
        secret("granting/far", "a"),
      ];
      const empty = "kind: Secret\nmetadata: { name: empty }\ndata: { tls.crt: aGVsbG8=, tls.key: aGVsbG8= }";
      const all = statuses([gateway(listeners), grant, empty].join("\n---\n"), { objects });
      const { listeners: found } = gatewayOf(all);
      assert.deepEqual(inShort(found[0]?.conditions), expected);
    });
  }

  test("on a port that cannot be opened says why", () => {
    const refusedPorts = new Map([[80, "another process uses this port"]]);
    const { listeners, conditions, addresses } = gatewayOf(
      statuses(gateway(http), { options: { refusedPorts } }),
    );
    const accepted = listeners[0]?.conditions.find(({ type }) => type === "Accepted");
    assert.equal(accepted?.reason, "PortUnavailable");
    assert.match(accepted.message, /another process uses this port/);
    assert.deepEqual(inShort(conditions), ["Accepted=False ListenersNotValid", "Programmed=False Invalid"]);
    assert.deepEqual(addresses, []);
  });

  test("of a Gateway that asks for client certificates is not opened without them", () => {
    const text = gateway(tls("{ name: good }"), ", tls: { frontend: { default: {} } }");
    const { listeners } = gatewayOf(statuses(text, { objects: [secret("good", "a")] }));
    assert.equal(inShort(listeners[0]?.conditions)[0], "Accepted=False UnsupportedValue");
  });

  test("names the kinds of routes that it takes", () => {
    const kinds = (allowed: string): unknown =>
      gatewayOf(
        statuses(gateway(`{ name: a, protocol: HTTP, port: 80, allowedRoutes: { kinds: [${allowed}] } }`)),
      ).listeners[0]?.supportedKinds;
    const known = [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }];
    assert.deepEqual(kinds(""), known);
    assert.deepEqual(kinds("{ kind: TLSRoute }, { kind: HTTPRoute }"), known);
    assert.deepEqual(kinds("{ kind: TLSRoute }"), []);
    assert.deepEqual(kinds("{ kind: HTTPRoute, group: acme.io }"), []);
  });
});

describe("listeners in each other's way", () => {
  const conflict = (reason: string): readonly string[] => [
    "Accepted",
    "ResolvedRefs",
    `Conflicted=True ${reason}`,
    closed,
  ];
  const all = (...gateways: string[]) => {
    const objects = [secret("a", "a"), secret("b", "b")];
    return statuses(gateways.join("\n---\n"), { objects });
  };

  test("by the same port and host name are both closed in one Gateway, and the rest is served", () => {
    const { listeners, conditions } = gatewayOf(
      all(
        gateway(
          "{ name: a, protocol: HTTP, port: 80 }, { name: b, protocol: HTTP, port: 80 }, { name: c, protocol: HTTP, port: 80, hostname: c.example }",
        ),
      ),
    );
    assert.deepEqual(
      listeners.map((listener) => inShort(listener.conditions)),
      [conflict("HostnameConflict"), conflict("HostnameConflict"), fine],
    );
    assert.deepEqual(inShort(conditions), ["Accepted=True ListenersNotValid", "Programmed"]);
  });

  test("by two protocols on a port are closed", () => {
    const { listeners } = gatewayOf(
      all(
        gateway(
          "{ name: a, protocol: HTTP, port: 443 }, { name: b, protocol: HTTPS, port: 443, hostname: b.example, tls: { certificateRefs: [{ name: b }] } }",
        ),
      ),
    );
    assert.deepEqual(
      listeners.map((listener) => inShort(listener.conditions)),
      [conflict("ProtocolConflict"), conflict("ProtocolConflict")],
    );
  });

  test("of two Gateways are the older one's", () => {
    const old = gateway(http, "", "old").replace(
      "name: old",
      'name: old, creationTimestamp: "2026-01-01T00:00:00Z"',
    );
    const young = gateway(http, "", "a-young").replace(
      "name: a-young",
      'name: a-young, creationTimestamp: "2026-01-02T00:00:00Z"',
    );
    const found = all(young, old);
    assert.deepEqual(inShort(gatewayOf(found, "old").listeners[0]?.conditions), fine);
    assert.deepEqual(
      inShort(gatewayOf(found, "a-young").listeners[0]?.conditions),
      conflict("HostnameConflict"),
    );
    assert.deepEqual(gatewayOf(found, "old").addresses, [{ type: "IPAddress", value: "192.0.2.1" }]);
    assert.deepEqual(gatewayOf(found, "a-young").addresses, []);
  });

  test("by a second certificate are refused where the runtime serves one a port", () => {
    const tls = (name: string): string =>
      `{ name: ${name}, protocol: HTTPS, port: 443, hostname: ${name}.example, tls: { certificateRefs: [{ name: ${name} }] } }`;
    const objects = [secret("a", "a"), secret("b", "b")];
    const text = gateway(`${tls("a")}, ${tls("b")}`);
    const { listeners } = gatewayOf(statuses(text, { objects, options: { hasManyCertificates: false } }));
    assert.deepEqual(
      listeners.map((listener) => inShort(listener.conditions)),
      [fine, conflict("CertificateConflict")],
    );
    const onBun = gatewayOf(statuses(text, { objects }));
    assert.deepEqual(inShort(onBun.listeners[1]?.conditions), fine);
  });
});

describe("a route", () => {
  const route = (spec: string, namespace = "default"): string => `
kind: HTTPRoute
metadata: { name: app, namespace: ${namespace} }
spec: { ${spec} }`;
  const rule = "rules: [{ backendRefs: [{ name: app, port: 8080 }] }]";
  const parent = "parentRefs: [{ name: web, namespace: default }]";
  const listener = (allowed: string): string =>
    `{ name: http, protocol: HTTP, port: 80, hostname: "*.example.com", allowedRoutes: ${allowed} }`;
  const open = gateway(listener("{}"));
  const labelled = "kind: Namespace\nmetadata: { name: other, labels: { access: yes-please, tier: b } }";
  const attached = ["Accepted", "ResolvedRefs"];
  const notAllowed = ["Accepted=False NotAllowedByListeners", "ResolvedRefs"];
  const noParent = ["Accepted=False NoMatchingParent", "ResolvedRefs"];
  const noHostname = ["Accepted=False NoMatchingListenerHostname", "ResolvedRefs"];
  const strange = ["Accepted=False NotAllowedByListeners", "ResolvedRefs=False BackendNotFound"];

  type Case = readonly [what: string, gateway: string, route: string, expected: readonly string[]];

  const askingFor: readonly (readonly [what: string, spec: string, expected: readonly string[]])[] = [
    ["of the Gateway's namespace", parent, attached],
    ["that names no listener of the Gateway", "parentRefs: [{ name: web, sectionName: nowhere }]", noParent],
    ["that names no port of the Gateway", "parentRefs: [{ name: web, port: 81 }]", noParent],
    [
      "that names a listener and another one's port",
      "parentRefs: [{ name: web, sectionName: http, port: 81 }]",
      noParent,
    ],
    ["without a host name in common", `${parent}, hostnames: [example.com, a.example.net]`, noHostname],
    ["with one in common", `${parent}, hostnames: [example.com, a.example.com]`, attached],
  ];

  const selected = (selector: string): string => `{ from: Selector, selector: { ${selector} } }`;
  const expressions = (...all: readonly string[]): string =>
    selected(`matchExpressions: [${all.join(", ")}]`);

  /** Whom a listener allows, and what becomes of a route of another namespace. */
  const allowing: readonly (readonly [what: string, namespaces: string, expected: readonly string[]])[] = [
    ["where all namespaces are allowed", "{ from: All }", attached],
    ["where labels allow it", selected("matchLabels: { access: yes-please }"), attached],
    ["where labels do not", selected("matchLabels: { access: no }"), notAllowed],
    [
      "where expressions allow it",
      expressions("{ key: tier, operator: In, values: [a, b] }", "{ key: c, operator: DoesNotExist }"),
      attached,
    ],
    ["where an expression does not", expressions("{ key: tier, operator: NotIn, values: [b] }"), notAllowed],
    ["where an expression is not known", expressions("{ key: tier, operator: toString }"), notAllowed],
    ["where a selector says nothing", "{ from: Selector }", notAllowed],
  ];

  const cases: readonly Case[] = [
    ...askingFor.map(([what, spec, expected]): Case => [what, open, route(`${spec}, ${rule}`), expected]),
    ["of another namespace", open, route(`${parent}, ${rule}`, "other"), strange],
    ...allowing.map(([what, namespaces, expected]): Case => {
      const spec = route(`${parent}, rules: []`, "other");
      return [what, gateway(listener(`{ namespaces: ${namespaces} }`)), spec, expected];
    }),
    [
      "where no HTTPRoute is allowed",
      gateway(listener("{ kinds: [{ kind: GRPCRoute }] }")),
      route(`${parent}, ${rule}`),
      notAllowed,
    ],
    [
      "where who is allowed is not known",
      gateway(listener("{ namespaces: { from: Everyone } }")),
      route(`${parent}, rules: []`),
      notAllowed,
    ],
  ];

  for (const [what, gateways, text, expected] of cases) {
    test(`${what} has the conditions ${expected.join(", ")}`, () => {
      const all = statuses([gateways, labelled, text].join("\n---\n"));
      assert.deepEqual(inShort(routeOf(all)[0]?.conditions), expected);
      const isCounted = expected[0] === "Accepted";
      assert.equal(gatewayOf(all).listeners[0]?.attachedRoutes, Number(isCounted));
    });
  }

  test("says something of each parent that is ours, and nothing of others", () => {
    const refs =
      "parentRefs: [{ name: web }, { name: other }, { kind: Service, group: '', name: web }, { name: web, sectionName: nowhere }]";
    const all = statuses(`${open}\n---\n${route(`${refs}, ${rule}`)}`);
    assert.deepEqual(
      routeOf(all).map(({ parentRef, controllerName, conditions }) => [
        parentRef.sectionName,
        controllerName,
        inShort(conditions)[0],
      ]),
      [
        [undefined, "headgate.internal/gateway-controller", "Accepted"],
        ["nowhere", "headgate.internal/gateway-controller", "Accepted=False NoMatchingParent"],
      ],
    );
  });

  const backend = "backendRefs: [{ name: app, port: 8080 }]";
  for (const [what, broken] of [
    ["a match of a new kind", `{ matches: [{ path: { type: Glob, value: /a } }], ${backend} }`],
    ["a key of matches that is not known", `{ matches: [{ cookies: [] }], ${backend} }`],
    ["a path that no request has", `{ matches: [{ path: { type: Exact, value: /a/../b } }], ${backend} }`],
    ["a path of two slashes", `{ matches: [{ path: { value: //a } }], ${backend} }`],
    [
      "a regular expression that looks ahead",
      `{ matches: [{ path: { type: RegularExpression, value: "(?=a)" } }], ${backend} }`,
    ],
    [
      "a header by a broken expression",
      `{ matches: [{ headers: [{ type: RegularExpression, name: a, value: "(" }] }], ${backend} }`,
    ],
    ["the method TRACE", `{ matches: [{ method: TRACE }], ${backend} }`],
    ["a filter that is not known", `{ filters: [{ type: CORS, cors: {} }], ${backend} }`],
    ["a filter named as an object's own key", `{ filters: [{ type: constructor }], ${backend} }`],
    [
      "a filter of somebody's own",
      `{ filters: [{ type: ExtensionRef, extensionRef: { group: a, kind: B, name: c } }], ${backend} }`,
    ],
    ["a filter without its values", `{ filters: [{ type: RequestHeaderModifier }], ${backend} }`],
    [
      "a field that may not be changed",
      `{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: Host, value: a }] } }], ${backend} }`,
    ],
    [
      "two redirects",
      "{ filters: [{ type: RequestRedirect, requestRedirect: {} }, { type: RequestRedirect, requestRedirect: {} }] }",
    ],
    ["a redirect and backends", `{ filters: [{ type: RequestRedirect, requestRedirect: {} }], ${backend} }`],
    [
      "a redirect to another scheme",
      "{ filters: [{ type: RequestRedirect, requestRedirect: { scheme: ftp } }] }",
    ],
    [
      "a change of prefix without one",
      `{ matches: [{ path: { type: Exact, value: /a } }], filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /b } } }], ${backend} }`,
    ],
    [
      "a path that is none",
      `{ filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: "a?b" } } }], ${backend} }`,
    ],
    ["a backoff", `{ retry: { backoff: 1s }, ${backend} }`],
    ["a duration that is none", `{ timeouts: { request: soon }, ${backend} }`],
    ["a weight below nothing", "{ backendRefs: [{ name: app, port: 8080, weight: -1 }] }"],
    ["session persistence", `{ sessionPersistence: {}, ${backend} }`],
    [
      "two mirrors",
      `{ filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: app, port: 8080 } } }, { type: RequestMirror, requestMirror: { backendRef: { name: app, port: 8080 } } }], ${backend} }`,
    ],
  ] as const) {
    test(`with ${what} alone is not accepted; beside a good rule it is, in part`, () => {
      const alone = routeOf(statuses(`${open}\n---\n${route(`${parent}, rules: [${broken}]`)}`));
      assert.match(
        inShort(alone[0]?.conditions)[0] ?? "",
        /^Accepted=False (UnsupportedValue|IncompatibleFilters)$/,
      );
      const good = `{ matches: [{ path: { value: /good } }], ${backend} }`;
      const both = routeOf(statuses(`${open}\n---\n${route(`${parent}, rules: [${broken}, ${good}]`)}`));
      assert.deepEqual(inShort(both[0]?.conditions), ["Accepted", "ResolvedRefs", "PartiallyInvalid"]);
      const partial = both[0]?.conditions.find(({ type }) => type === "PartiallyInvalid");
      assert.match(partial?.message ?? "", /^Dropped Rule\(s\).*rule 0: /);
    });
  }

  test("that becomes too many of ours is refused, and says how many", () => {
    const list = (count: number, make: (index: number) => string): string =>
      Array.from({ length: count }, (_, index) => make(index)).join(", ");
    const matches = list(128, (index) => `{ path: { value: /${index} } }`);
    const hosts = list(16, (index) => `"*.${index}.example.com"`);
    const refs = list(16, (index) => `{ name: app, port: 8080, weight: ${index + 1} }`);
    const spec = `${parent}, hostnames: [${hosts}], rules: [{ matches: [${matches}], backendRefs: [${refs}] }]`;
    const [found] = routeOf(statuses(`${open}\n---\n${route(spec)}`));
    assert.equal(inShort(found?.conditions)[0], "Accepted=False UnsupportedValue");
    assert.match(found?.conditions[0]?.message ?? "", /32768 routes/);
  });
});
