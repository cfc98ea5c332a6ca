// The cases follow examples and conformance tests of the Gateway API (sigs.k8s.io/gateway-api, Apache-2.0).

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Answer, startServer } from "../../../kit/start-server.ts";
import type { Teardown } from "../../../kit/teardown.ts";
import type { ApiObject } from "../read-cluster.ts";
import { serviceObjects } from "../service-objects.ts";
import { startGateway, type TestGateway, translateText } from "../start-gateway.ts";

const gateway = `
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: headgate, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
`;

const route = (rule: string): string => `${gateway}
---
kind: HTTPRoute
metadata: { name: app }
spec: { parentRefs: [{ name: web }], rules: [${rule}] }`;

const backends = (...refs: string[]): string => route(`{ backendRefs: [${refs.join(", ")}] }`);

async function countAnswers({ ask }: TestGateway, rounds: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const { seen, status } = await ask({});
    const key = seen?.service ?? String(status);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The ResolvedRefs condition of the only route, in short. */
function refsOf({ translation }: TestGateway): string {
  const conditions = translation.routes[0]?.parents[0]?.conditions;
  const condition = conditions?.find(({ type }) => type === "ResolvedRefs");
  return `${condition?.status} ${condition?.reason}`;
}

describe("weights", () => {
  test("are shares of the requests, also of those of one client", async (t) => {
    const services = ["v1", "v2", "v3"];
    const refs = ["{ name: v1, port: 8080, weight: 70 }", "{ name: v2, port: 8080, weight: 30 }"];
    const gateway = await startGateway(t, backends(...refs, "{ name: v3, port: 8080, weight: 0 }"), {
      services,
    });
    const counts = await countAnswers(gateway, 400);
    assert.equal(counts.get("v3"), undefined);
    const share = (counts.get("v1") ?? 0) / 400; // 4.4 standard deviations either side
    assert.ok(share > 0.6 && share < 0.8, `70 % became ${share * 100} %`);
  });

  for (const refs of [["{ name: v1, port: 8080, weight: 0 }"], []]) {
    test(`of nothing, as in [${refs.join()}], make 500`, async (t) => {
      const gateway = await startGateway(t, backends(...refs), { services: ["v1"] });
      const { status, headers } = await gateway.ask({});
      assert.equal(status, 500);
      assert.match(String(headers["proxy-status"]), /proxy_configuration_error/);
      assert.equal(refsOf(gateway), "True ResolvedRefs");
    });
  }

  test("of a backend that is missing are answered with 500, the others are served", async (t) => {
    const refs = ["{ name: v1, port: 8080 }", "{ name: nowhere, port: 8080 }"];
    const gateway = await startGateway(t, backends(...refs), { services: ["v1"] });
    const counts = await countAnswers(gateway, 100);
    assert.deepEqual(new Set(counts.keys()), new Set(["v1", "500"]));
    assert.equal(refsOf(gateway), "False BackendNotFound");
  });
});

describe("a backend", () => {
  const cases: readonly (readonly [what: string, ref: string, status: number, refs: string])[] = [
    ["that is missing", "{ name: nowhere, port: 8080 }", 500, "False BackendNotFound"],
    ["whose port is missing", "{ name: v1, port: 8081 }", 500, "False BackendNotFound"],
    ["without a port", "{ name: v1 }", 500, "False BackendNotFound"],
    ["of another kind", "{ kind: Bucket, group: acme.io, name: v1, port: 8080 }", 500, "False InvalidKind"],
    ["in another namespace", "{ name: v1, namespace: other, port: 8080 }", 500, "False RefNotPermitted"],
    ["that is a name outside", "{ name: outside, port: 8080 }", 500, "False UnsupportedValue"],
    ["that speaks h2c", "{ name: h2c, port: 8080 }", 500, "False UnsupportedProtocol"],
    ["that has no endpoint", "{ name: empty, port: 8080 }", 503, "True ResolvedRefs"],
  ];
  const objects: ApiObject[] = [
    { name: "outside", type: "ExternalName" },
    { name: "h2c", appProtocol: "kubernetes.io/h2c" },
    { name: "empty" },
  ].flatMap(serviceObjects);

  for (const [what, ref, status, refs] of cases) {
    test(`${what} is answered with ${status}`, async (t) => {
      const gateway = await startGateway(t, backends(ref), { services: ["v1", "other/v1"], objects });
      assert.equal((await gateway.ask({})).status, status);
      assert.equal(refsOf(gateway), refs);
    });
  }

  const grant = (from: string, to: string, namespace = "other"): string => `
kind: ReferenceGrant
metadata: { name: grant, namespace: ${namespace} }
spec:
  from: [{ group: gateway.networking.k8s.io, ${from} }]
  to: [{ group: "", ${to} }]`;

  for (const [what, text, status] of [
    ["any Service", grant("kind: HTTPRoute, namespace: default", "kind: Service"), 200],
    ["this Service", grant("kind: HTTPRoute, namespace: default", "kind: Service, name: v1"), 200],
    ["another Service", grant("kind: HTTPRoute, namespace: default", "kind: Service, name: v2"), 500],
    ["another kind", grant("kind: HTTPRoute, namespace: default", "kind: Secret"), 500],
    ["Gateways", grant("kind: Gateway, namespace: default", "kind: Service"), 500],
    ["another namespace", grant("kind: HTTPRoute, namespace: third", "kind: Service"), 500],
    ["from the wrong side", grant("kind: HTTPRoute, namespace: default", "kind: Service", "default"), 500],
  ] as const) {
    test(`of another namespace that granted ${what} answers ${status}`, async (t) => {
      const ref = "{ name: v1, namespace: other, port: 8080 }";
      const gateway = await startGateway(t, `${backends(ref)}\n---\n${text}`, { services: ["other/v1"] });
      assert.equal((await gateway.ask({})).status, status);
    });
  }
});

describe("endpoints", () => {
  const service = `
kind: Service
metadata: { name: app }
spec: { ports: [{ name: web, port: 80 }, { name: other, port: 81 }] }`;
  const slice = (name: string, endpoints: string, more = ""): string => `
kind: EndpointSlice
metadata: { name: ${name}, labels: { kubernetes.io/service-name: app } }
addressType: IPv4
ports: [{ name: other, port: 9 }, { name: web, port: 8080 }]
endpoints: [${endpoints}]
${more}`;
  const text = (...slices: string[]): string =>
    [backends("{ name: app, port: 80 }"), service, ...slices].join("\n---\n");
  const serversOf = (...slices: string[]): unknown =>
    translateText(text(...slices)).config.upstreams["default.app:80"]?.servers;

  test("of all slices are servers, by the port's name, once each", () => {
    assert.deepEqual(
      serversOf(
        slice("app-2", "{ addresses: [10.0.0.2], targetRef: { kind: Pod, name: app-b } }"),
        slice("app-1", "{ addresses: [10.0.0.1] }, { addresses: [10.0.0.2], conditions: { ready: false } }"),
      ),
      [
        { url: "http://10.0.0.1:8080", name: "10.0.0.1:8080", weight: 1 },
        { url: "http://10.0.0.2:8080", name: "app-b", weight: 1 },
      ],
    );
  });

  for (const [conditions, weight] of [
    ["{ ready: true, serving: true, terminating: false }", 1],
    ["{}", 1],
    ["{ ready: null }", 1],
    ["{ ready: false, serving: true, terminating: true }", 0],
  ] as const) {
    test(`with the conditions ${conditions} have the weight ${weight}`, () => {
      const other = "{ addresses: [10.0.0.9] }";
      const servers = serversOf(slice("a", `{ addresses: [10.0.0.1], conditions: ${conditions} }, ${other}`));
      assert.equal((servers as { weight: number }[])[0]?.weight, weight);
    });
  }

  for (const conditions of [
    "{ ready: false, serving: false, terminating: true }",
    "{ ready: false, serving: true, terminating: false }",
    "{ ready: false }",
  ]) {
    test(`with the conditions ${conditions} are none`, () => {
      assert.equal(serversOf(slice("a", `{ addresses: [10.0.0.1], conditions: ${conditions} }`)), undefined);
    });
  }

  test("that are all ending take requests as long as they serve", () => {
    const ending =
      "{ addresses: [10.0.0.1], conditions: { ready: false, serving: true, terminating: true } }";
    assert.deepEqual(serversOf(slice("a", ending)), [
      { url: "http://10.0.0.1:8080", name: "10.0.0.1:8080", weight: 1 },
    ]);
  });

  test("that are no addresses are none", () => {
    const lies = ["evil.example", "10.0.0.1/x", "user@10.0.0.1", "fe80::1%eth0", "1", "", "127.1", "[::1]"];
    const endpoints = lies.map((address) => `{ addresses: ["${address}"] }`).join(", ");
    assert.equal(serversOf(slice("a", endpoints)), undefined);
    const unusable = slice("a", "{ addresses: [10.0.0.1] }").replace("port: 8080", "port: 80800");
    assert.equal(serversOf(unusable), undefined);
  });

  test("that have addresses of both families count once, by the family of the Service", () => {
    const six = slice("b", '{ addresses: ["fd00::1"], targetRef: { name: app-a } }').replace("IPv4", "IPv6");
    const four = slice("a", "{ addresses: [10.0.0.1], targetRef: { name: app-a } }");
    assert.deepEqual(serversOf(four, six), [{ url: "http://10.0.0.1:8080", name: "app-a", weight: 1 }]);
    const service6 = service.replace("ports:", "ipFamilies: [IPv6, IPv4], ports:");
    const documents = [backends("{ name: app, port: 80 }"), service6, four, six].join("\n---\n");
    assert.deepEqual(translateText(documents).config.upstreams["default.app:80"]?.servers, [
      { url: "http://[fd00::1]:8080", name: "app-a", weight: 1 },
    ]);
  });
});

describe("deadlines and retries", () => {
  async function startSlow(t: Teardown, rule: string): Promise<TestGateway> {
    const { port } = await startServer(t, () => {});
    const objects = serviceObjects({ name: "slow", endpoints: [`127.0.0.1:${port}`] });
    return startGateway(t, route(rule.replace("BACKEND", "backendRefs: [{ name: slow, port: 8080 }]")), {
      objects,
    });
  }

  for (const timeouts of [
    "{ request: 200ms }",
    "{ backendRequest: 0s200ms }",
    "{ request: 1m, backendRequest: 200ms }",
  ]) {
    test(`${timeouts} ends an exchange with 504`, async (t) => {
      const { ask } = await startSlow(t, `{ timeouts: ${timeouts}, BACKEND }`);
      assert.equal((await ask({ method: "POST" })).status, 504);
    });
  }

  test("a request's deadline of its own replaces ours, and 0s is none", () => {
    const timeoutsOf = (timeouts: string): unknown =>
      translateText(route(`{ timeouts: ${timeouts}, backendRefs: [{ name: v1, port: 8080 }] }`), [
        ...serviceObjects({ name: "v1", endpoints: ["10.0.0.1:8081"] }),
      ]).config.routes[0]?.["timeouts"];
    assert.deepEqual(timeoutsOf("{ request: 1h30m }"), { total: "5400000ms", response: "5400000ms" });
    assert.deepEqual(timeoutsOf("{ request: 0s }"), { total: "0ms", response: "0ms" });
    assert.deepEqual(timeoutsOf("{ backendRequest: 5s }"), { response: "5000ms" });
    assert.deepEqual(timeoutsOf("{}"), {});
  });

  test("a retry is made for the codes that a rule lists, as often as it says, on other endpoints", async (t) => {
    let count = 0;
    const answer: Answer = (_, response) => {
      count += 1;
      response.writeHead(count < 3 ? 500 : 200).end();
    };
    const servers = await Promise.all([1, 2, 3].map(() => startServer(t, answer)));
    const all = servers.map(({ port }) => serviceObjects({ name: "app", endpoints: [`127.0.0.1:${port}`] }));
    const objects = [all[0]![0]!, ...all.map(([, slice]) => slice!)];
    const rule = "{ retry: { codes: [500], attempts: 2 }, backendRefs: [{ name: app, port: 8080 }] }";
    const { ask } = await startGateway(t, route(rule), { objects });
    assert.equal((await ask({})).status, 200);
    assert.equal(count, 3);
  });
});
