import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Cluster } from "../../../src/control/gateway/watch/cluster.ts";
import { noteLookups } from "../../../src/control/gateway/lookups.ts";
import { translate } from "../../../src/control/gateway/translate.ts";
import { readDocuments, toCluster } from "./read-cluster.ts";
import { serviceObjects } from "./service-objects.ts";
import { gatewayClass } from "./start-gateway.ts";

const before = toCluster([
  gatewayClass,
  ...readDocuments(`
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: headgate
  listeners:
  - { name: a, protocol: HTTP, port: 80, allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { a: b } } } } }
  - { name: b, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: tls }] } }
---
kind: HTTPRoute
metadata: { name: app }
spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: app, port: 8080 }, { name: missing, port: 80 }] }] }
---
kind: Namespace
metadata: { name: default }
---
kind: Namespace
metadata: { name: other }`),
  ...serviceObjects({ name: "app", endpoints: ["10.0.0.1:81"] }),
  ...serviceObjects({ name: "other", endpoints: ["10.0.0.2:81"] }),
]);

type Maps = "services" | "slices" | "namespaces" | "secrets";

/** The cluster with another object, or list of objects, at this key. */
function withEntry(kind: Maps, key: string): Cluster {
  const other = structuredClone(before[kind].get(key) ?? before.services.get("default/app"));
  return { ...before, [kind]: { get: (asked: string) => (asked === key ? other : before[kind].get(asked)) } };
}

const { cluster, readsAlike } = noteLookups(before);
translate(cluster, { className: "headgate", refusedPorts: new Map(), hasManyCertificates: true });

describe("a translation", () => {
  test("is the same for the same, in lists and maps of their own", () => {
    const slices = { get: (key: string) => before.slices.get(key)?.slice() };
    assert.ok(readsAlike({ ...before, slices, routes: [...before.routes] }));
  });

  for (const [what, later] of [
    ["a Service that it does not use", withEntry("services", "default/other")],
    ["endpoints of it", withEntry("slices", "default/other")],
    ["a namespace without routes", withEntry("namespaces", "other")],
    ["another Secret", withEntry("secrets", "default/other")],
  ] as const) {
    test(`does not depend on ${what}`, () => assert.ok(readsAlike(later)));
  }

  const others: readonly (readonly [what: string, later: Cluster])[] = [
    ["a Service that it uses", withEntry("services", "default/app")],
    ["one that was missing", withEntry("services", "default/missing")],
    ["their endpoints", withEntry("slices", "default/app")],
    ["a namespace whose labels count", withEntry("namespaces", "default")],
    ["a certificate that was missing", withEntry("secrets", "default/tls")],
    ["another route", { ...before, routes: [...before.routes, ...before.routes] }],
    ["another Gateway", { ...before, gateways: [] }],
    [
      "a grant",
      { ...before, grants: [{ metadata: before.gateways[0]!.metadata, spec: { from: [], to: [] } }] },
    ],
  ];
  for (const [what, later] of others) {
    test(`depends on ${what}`, () => assert.ok(!readsAlike(later)));
  }
});
