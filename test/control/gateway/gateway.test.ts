import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connect } from "node:tls";

import type { Kind } from "../../../src/control/gateway/objects.ts";
import { watchedKinds } from "../../../src/control/gateway/watch/watched-kinds.ts";
import { createAuthority } from "../../kit/certificates.ts";

import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../kit/kubernetes-api.ts";
import type { PlainObject } from "../../kit/kubernetes-objects.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { readDocuments } from "./read-cluster.ts";
import { serviceObjects } from "./service-objects.ts";
import {
  conditionsOf,
  objectAt,
  putObjects,
  putText,
  startController,
  type StatusCondition,
} from "./start-controller.ts";
import { gatewayClass } from "./start-gateway.ts";

interface TestCluster {
  readonly api: KubernetesApiServer;
  readonly port: number;
  readonly url: string;
}

const gatewayText = (port: number, more = ""): string => `
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: headgate, listeners: [{ name: http, protocol: HTTP, port: ${port} } ${more}] }`;

const routeText = (service: string, name = "app", more = ""): string => `
kind: HTTPRoute
metadata: { name: ${name} }
spec: { parentRefs: [{ name: web }], ${more} rules: [{ backendRefs: [{ name: ${service}, port: 8080 }] }] }`;

/** A cluster with a Gateway on a free port, and a Service for each name whose only endpoint answers with that name. */
async function startCluster(t: Teardown, ...services: string[]): Promise<TestCluster> {
  const api = await startKubernetesApi(t);
  const port = await freePort();
  putObjects(api, [gatewayClass]);
  putText(api, gatewayText(port));
  for (const name of services) await putService(t, api, name);
  return { api, port, url: `http://127.0.0.1:${port}` };
}

async function putService(t: Teardown, api: KubernetesApiServer, name: string): Promise<void> {
  const server = await startServer(t, (_, response) => response.end(name));
  putObjects(api, serviceObjects({ name, endpoints: [`127.0.0.1:${server.port}`] }));
}

async function textOf(url: string, path = "/"): Promise<string> {
  const response = await fetch(url + path);
  const text = await response.text();
  return response.ok ? text : String(response.status);
}

function conditionOf(
  api: KubernetesApiServer,
  kind: "Gateway" | "HTTPRoute" | "GatewayClass",
  [key, type]: readonly [string, string],
): StatusCondition | undefined {
  return conditionsOf(objectAt(api, kind, key)).find((condition) => condition.type === type);
}

const isTrue = (condition: StatusCondition | undefined): boolean => condition?.status === "True";

describe("headgate run --gateway-class", () => {
  test("serves what a cluster's objects say, and says so in their statuses", async (t) => {
    const { api, url } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    await startController(t, api);
    assert.equal(await textOf(url), "v1");
    await eventually(() => {
      assert.ok(isTrue(conditionOf(api, "GatewayClass", ["headgate", "Accepted"])));
      assert.ok(isTrue(conditionOf(api, "Gateway", ["default/web", "Programmed"])));
      assert.ok(isTrue(conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])));
      assert.ok(isTrue(conditionOf(api, "HTTPRoute", ["default/app", "ResolvedRefs"])));
    });
    for (const condition of conditionsOf(objectAt(api, "Gateway", "default/web"))) {
      assert.equal(condition.observedGeneration, 1);
      assert.match(condition.lastTransitionTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });

  test("takes in changes within a second, without losing a request under load", async (t) => {
    const { api, url } = await startCluster(t, "v1", "v2");
    putText(api, routeText("v1"));
    await startController(t, api);
    const answers = new Map<string, number>();
    const over = new AbortController();
    const load = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const answer = await textOf(url).catch((error: unknown) => String(error));
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    const clients = [load(), load(), load(), load()];
    const times: number[] = [];
    for (const service of ["v2", "v1", "v2"]) {
      const since = performance.now();
      putText(api, routeText(service));
      await eventually(async () => (await textOf(url)) === service);
      times.push(performance.now() - since);
    }
    over.abort();
    await Promise.all(clients);
    assert.deepEqual(new Set(answers.keys()), new Set(["v1", "v2"]), JSON.stringify([...answers]));
    const [, median = Infinity] = times.toSorted((a, b) => a - b);
    assert.ok(median < 1_000, `took ${times.map(Math.round).join(", ")} ms`);
  });

  test("opens and closes listeners while it runs, and refuses a port that is taken", async (t) => {
    const { api, port, url } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    const { log } = await startController(t, api);
    const [second, { port: taken }] = [await freePort(), await startServer(t)];
    putText(
      api,
      gatewayText(
        port,
        `, { name: b, protocol: HTTP, port: ${second} }, { name: c, protocol: HTTP, port: ${taken} }`,
      ),
    );
    const other = `http://127.0.0.1:${second}`;
    await eventually(async () => (await textOf(other)) === "v1");
    assert.equal(await textOf(url), "v1");
    const refused = await eventually(() => {
      const found = conditionsOf(objectAt(api, "Gateway", "default/web")).find(
        ({ reason }) => reason === "PortUnavailable",
      );
      return found ?? false;
    });
    assert.match(refused.message, /another process uses this port/);
    putText(api, gatewayText(port));
    await eventually(() =>
      fetch(other).then(
        () => false,
        () => true,
      ),
    );
    assert.equal(await textOf(url), "v1");
    assert.deepEqual(
      log.filter((line) => line.includes('"error"')),
      [],
    );
  });

  test("waits for its class and for Gateways, and closes what nobody wants any more", async (t) => {
    const api = await startKubernetesApi(t);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await startController(t, api);
    await putService(t, api, "v1");
    putText(api, routeText("v1"));
    putText(api, gatewayText(port));
    await assert.rejects(fetch(url));
    putObjects(api, [gatewayClass]);
    await eventually(async () => (await textOf(url)) === "v1");
    api.remove(watchedKinds.Gateway.path, "default/web");
    await eventually(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
  });

  test("does not translate anew for what no route leads to", async (t) => {
    const { api, url } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    const { log } = await startController(t, api);
    const count = (): number => log.filter((line) => line.includes("reloaded")).length;
    for (const name of ["a", "b", "kube-system/c"])
      putObjects(api, serviceObjects({ name, endpoints: ["10.0.0.1:81"] }));
    putText(api, "kind: Namespace\nmetadata: { name: other, labels: { a: b } }");
    putText(api, routeText("a", "later", "hostnames: [later.example],"));
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/later", "Accepted"])));
    assert.equal(count(), 1);
    assert.equal(await textOf(url), "v1");
  });

  test("answers 503 while a Service has no endpoint, and serves again when there is one", async (t) => {
    const { api, url } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    await startController(t, api);
    assert.equal(await textOf(url), "v1");
    const [slice] = await listAll(api, "EndpointSlice");
    assert.ok(slice);
    api.put(watchedKinds.EndpointSlice.path, { ...slice, endpoints: [] });
    await eventually(async () => (await textOf(url)) === "503");
    api.put(watchedKinds.EndpointSlice.path, slice);
    await eventually(async () => (await textOf(url)) === "v1");
  });

  test("serves the certificates of Secrets, and replaces them when they change", async (t) => {
    const api = await startKubernetesApi(t);
    const authority = await createAuthority(t);
    const port = await freePort();
    const putSecret = async (name: string): Promise<void> => {
      const { cert, key } = await authority.issue(name, { names: "DNS:a.example" });
      const data = { "tls.crt": encode(cert), "tls.key": encode(key) };
      const metadata = { name: "tls", namespace: "default" };
      putObjects(api, [{ kind: "Secret", metadata, type: "kubernetes.io/tls", data }]);
    };
    putObjects(api, [gatewayClass]);
    await putSecret("first");
    await putService(t, api, "v1");
    putText(
      api,
      gatewayText(port).replace(
        "protocol: HTTP",
        "hostname: a.example, tls: { certificateRefs: [{ name: tls }] }, protocol: HTTPS",
      ),
    );
    putText(api, routeText("v1"));
    const { log } = await startController(t, api);
    const ask = () => askByTls(port, authority.cert);
    const first = await ask();
    assert.deepEqual([first.status, first.text], [200, "v1"]);
    await putSecret("second");
    await eventually(async () => (await ask()).serial !== first.serial);
    const secret = objectAt(api, "Secret", "default/tls");
    api.put(watchedKinds.Secret.path, { ...secret, data: { "tls.crt": encode("no certificate") } });
    await eventually(() => {
      const found = conditionsOf(objectAt(api, "Gateway", "default/web")).map(({ reason }) => reason);
      return found.includes("InvalidCertificateRef");
    });
    await putSecret("third");
    await eventually(async () => (await ask().catch(() => ({ status: 0 }))).status === 200);
    assert.ok(log.every((line) => !line.includes("PRIVATE KEY")));
  });
});

describe("while the API server is troubled", () => {
  const troubles: readonly (readonly [what: string, run: (api: KubernetesApiServer) => unknown])[] = [
    ["ends its watches properly", (api) => api.endWatches("properly")],
    ["ends them in the middle of a line", (api) => api.endWatches("mid-line")],
    ["says that they are too old", (api) => api.endWatches("gone")],
    [
      "has forgotten what happened",
      (api) => {
        api.goneAs = "status";
        api.compact();
        api.endWatches("properly");
      },
    ],
    ["sends what is no JSON", (api) => api.sendRaw("<html>\n")],
    ["sends bookmarks", (api) => api.bookmark()],
    ["answers a few requests with 500", (api) => api.answerNext({ status: 500 }, { status: 500 })],
    ["is slow", (api) => void (api.delayMs = 150)],
  ];

  for (const [what, run] of troubles) {
    test(`which ${what}, routes are served as before, and changes are taken in again`, async (t) => {
      const { api, url } = await startCluster(t, "v1", "v2");
      putText(api, routeText("v1"));
      await startController(t, api);
      run(api);
      assert.equal(await textOf(url), "v1");
      putText(api, routeText("v2"));
      await eventually(async () => {
        const answer = await textOf(url);
        assert.match(answer, /^v[12]$/);
        return answer === "v2";
      }, 10_000);
    });
  }

  test("or away for a while, routes are served as before, and changes are taken in again", async (t) => {
    const { api, url } = await startCluster(t, "v1", "v2");
    putText(api, routeText("v1"));
    const { log } = await startController(t, api);
    await api.stop();
    await eventually(() => log.some((line) => line.includes("those of before are kept")));
    assert.equal(await textOf(url), "v1");
    putText(api, routeText("v2"));
    await api.start();
    await eventually(async () => (await textOf(url)) === "v2", 15_000);
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])), 15_000);
  });

  test("from the beginning, nothing is served before all is known", async (t) => {
    const { api, url } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    api.answerNext(...Array.from({ length: 9 }, () => ({ status: 503 })));
    const { log } = await startController(t, api);
    assert.equal(await textOf(url), "v1");
    assert.ok(log.some((line) => line.includes("waiting for objects of Kubernetes")));
  });
});

describe("statuses", () => {
  const writes = ({ requests }: KubernetesApiServer): string[] =>
    requests.filter((request) => request.startsWith("PUT ") && request.endsWith("/status"));

  test("are written only when they change, and keep the time when they became so", async (t) => {
    const { api } = await startCluster(t, "v1");
    putText(api, routeText("v1"));
    await startController(t, api);
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])));
    const before = conditionOf(api, "HTTPRoute", ["default/app", "Accepted"]);
    await eventually(() => writes(api).length === 3);
    const { status } = objectAt(api, "HTTPRoute", "default/app");
    putTextWith(api, routeText("v1", "app", 'hostnames: ["a.example"],'), { status });
    await eventually(
      () => conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])?.observedGeneration === 2,
    );
    const after = conditionOf(api, "HTTPRoute", ["default/app", "Accepted"]);
    assert.deepEqual(after, { ...before, observedGeneration: 2 });
    putText(api, routeText("v1", "other"));
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/other", "Accepted"])));
    await eventually(() => attachedRoutes(api) === 2);
    assert.equal(writes(api).length, 6, writes(api).join("\n")); // and no more for those that stayed as they were
  });

  test("leave what other controllers say, and are taken back from a route that leaves us", async (t) => {
    const { api } = await startCluster(t, "v1");
    const theirs = { parentRef: { name: "web" }, controllerName: "acme.io/other", conditions: [] };
    putTextWith(api, routeText("v1"), { status: { parents: [theirs] } });
    await startController(t, api);
    const parents = (): unknown[] =>
      (objectAt(api, "HTTPRoute", "default/app")["status"] as { parents: unknown[] }).parents;
    await eventually(() => parents().length === 2);
    assert.deepEqual(parents()[0], theirs);
    const { status } = objectAt(api, "HTTPRoute", "default/app");
    putTextWith(api, routeText("v1").replace("name: web", "name: elsewhere"), { status });
    await eventually(() => parents().length === 1);
    assert.deepEqual(parents(), [theirs]);
  });

  test("tell the address of the Service in front of us", async (t) => {
    const { api } = await startCluster(t);
    const [service] = serviceObjects({ name: "headgate/front", port: 80 });
    const loadBalancer = { ingress: [{ ip: "192.0.2.1" }, { hostname: "lb.example" }] };
    putObjects(api, [{ ...service!, status: { loadBalancer } }]);
    await startController(t, api, { service: "headgate/front" });
    await eventually(() => {
      const { addresses } = (objectAt(api, "Gateway", "default/web")["status"] ?? {}) as {
        addresses?: unknown;
      };
      assert.deepEqual(addresses, [
        { type: "IPAddress", value: "192.0.2.1" },
        { type: "Hostname", value: "lb.example" },
      ]);
    });
  });
});

describe("two nodes", () => {
  test("both serve, one writes statuses, and when it leaves the other takes over", async (t) => {
    const { api, port, url } = await startCluster(t, "v1", "v2");
    putText(api, routeText("v1"));
    const bindTo = (address: string): string => `listeners: { a: { bind: "${address}:${port}" } }`;
    const first = await startController(t, api, { identity: "node-1", base: bindTo("127.0.0.1") });
    await eventually(() => holderOf(api) === "node-1");
    const second = await startController(t, api, { identity: "node-2", base: bindTo("127.0.0.2") });
    const other = `http://127.0.0.2:${port}`;
    assert.deepEqual([await textOf(url), await textOf(other)], ["v1", "v1"]);
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])));
    assert.ok(second.log.every((line) => !line.includes("holds the lease")));
    await Promise.all([first.gateway.stop(), first.headgate.stop()]);
    await eventually(() => holderOf(api) === "node-2");
    putText(api, routeText("v2", "later", "hostnames: [later.example],"));
    await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/later", "Accepted"])));
    assert.equal(await textOf(other), "v1");
  });
});

describe("hostile objects", () => {
  const rule = (text: string): string => `
kind: HTTPRoute
metadata: { name: hostile }
spec: { parentRefs: [{ name: web }], rules: [${text}] }`;
  const backend = "backendRefs: [{ name: v1, port: 8080 }]";
  const good = (service: string): string => `
kind: HTTPRoute
metadata: { name: app }
spec:
  parentRefs: [{ name: web }]
  rules: [{ matches: [{ path: { value: /good } }], backendRefs: [{ name: ${service}, port: 8080 }] }]`;
  const objects: readonly (readonly [what: string, text: string])[] = [
    ["a route of numbers", "kind: HTTPRoute\nmetadata: { name: hostile }\nspec: { parentRefs: 5, rules: 7 }"],
    ["a route without anything", "kind: HTTPRoute\nmetadata: { name: hostile }"],
    ["a rule that is none", rule("null")],
    [
      "a header called __proto__",
      rule(`{ matches: [{ headers: [{ name: __proto__, value: a }] }], ${backend} }`),
    ],
    ["a header that is none", rule(`{ matches: [{ headers: [{ name: "a b", value: c }] }], ${backend} }`)],
    [
      "a parameter called constructor",
      rule(`{ matches: [{ queryParams: [{ name: constructor, value: a }] }], ${backend} }`),
    ],
    [
      "a field with a line break",
      rule(
        `{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: a, value: "b\\r\\nc: d" }] } }], ${backend} }`,
      ),
    ],
    ["a path with braces", rule(`{ matches: [{ path: { type: Exact, value: "/a{b" } }], ${backend} }`)],
    [
      "an expression that takes for ever",
      rule(`{ matches: [{ path: { type: RegularExpression, value: "(a+)+$" } }], ${backend} }`),
    ],
    [
      "a Gateway with a port that is none",
      "kind: Gateway\nmetadata: { name: hostile }\nspec: { gatewayClassName: headgate, listeners: [{ name: a, protocol: HTTP, port: -1 }] }",
    ],
    [
      "a Gateway whose listeners are none",
      "kind: Gateway\nmetadata: { name: hostile }\nspec: { gatewayClassName: headgate, listeners: 3 }",
    ],
    [
      "a slice of lies",
      'kind: EndpointSlice\nmetadata: { name: hostile, labels: { kubernetes.io/service-name: v1 } }\nports: [{ name: http, port: 99999 }]\nendpoints: [{ addresses: ["http://evil/"] }]',
    ],
    ["a Secret of noise", 'kind: Secret\nmetadata: { name: hostile }\ndata: { tls.crt: "%%%", tls.key: 5 }'],
    [
      "a grant of everything",
      "kind: ReferenceGrant\nmetadata: { name: hostile }\nspec: { from: [], to: {} }",
    ],
  ];

  for (const [what, text] of objects) {
    test(`such as ${what} keep nobody else from being served`, async (t) => {
      const { api, url } = await startCluster(t, "v1", "v2");
      putText(api, text);
      putText(api, good("v1"));
      await startController(t, api);
      assert.equal(await textOf(url, "/good"), "v1");
      putText(api, good("v2"));
      await eventually(async () => (await textOf(url, "/good")) === "v2");
      if (what.startsWith("a header") || what.startsWith("a parameter") || what.startsWith("a field"))
        await eventually(() => {
          const accepted = conditionOf(api, "HTTPRoute", ["default/hostile", "Accepted"]);
          assert.deepEqual([accepted?.status, accepted?.reason], ["False", "UnsupportedValue"]);
        });
      await eventually(() => isTrue(conditionOf(api, "HTTPRoute", ["default/app", "Accepted"])));
    });
  }
});

function putTextWith(api: KubernetesApiServer, text: string, more: object): void {
  putObjects(
    api,
    readDocuments(text).map((object) => Object.assign(object, more)),
  );
}

function attachedRoutes(api: KubernetesApiServer): number | undefined {
  const { listeners } = objectAt(api, "Gateway", "default/web")["status"] as {
    listeners: { attachedRoutes: number }[];
  };
  return listeners[0]?.attachedRoutes;
}

function holderOf(api: KubernetesApiServer): unknown {
  const lease = api.object("/apis/coordination.k8s.io/v1/leases", "headgate/headgate-gateway-headgate");
  return (lease?.["spec"] as { holderIdentity?: unknown } | undefined)?.holderIdentity;
}

async function listAll(api: KubernetesApiServer, kind: Kind): Promise<PlainObject[]> {
  const response = await fetch(api.url + watchedKinds[kind].path);
  return ((await response.json()) as { items: PlainObject[] }).items;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What a server says by TLS, and the serial number of the certificate that it shows. */
function askByTls(port: number, ca: string): Promise<{ status: number; text: string; serial: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, ca, servername: "a.example", ALPNProtocols: ["http/1.1"] };
    const socket = connect(options, () => {
      const serial = socket.getPeerCertificate().serialNumber;
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("end", () =>
        resolve({ status: Number(text.split(" ")[1]), text: text.split("\r\n\r\n")[1] ?? "", serial }),
      );
      socket.write("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    });
    socket.on("error", reject);
  });
}
