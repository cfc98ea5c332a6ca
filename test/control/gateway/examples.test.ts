// After the examples of the Gateway API (sigs.k8s.io/gateway-api, examples/standard, Apache-2.0), each named in its title; the
// texts are shortened, and what they are to do is asked of a running data plane.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { createAuthority, type TestCertificate } from "../../kit/certificates.ts";
import { eventually } from "../../kit/eventually.ts";
import type { ApiObject } from "./read-cluster.ts";
import { type Asked, type Seen, startGateway } from "./start-gateway.ts";

const certificates: TestCertificate[] = [];

before(async () => {
  const closing: (() => unknown)[] = [];
  const authority = await createAuthority({ after: (run) => void closing.push(run) });
  certificates.push(await authority.issue("any", { names: "DNS:*.example.com" }));
  for (const close of closing) await close();
});

function secret(namespace: string, name: string): ApiObject {
  const [{ cert, key } = { cert: "", key: "" }] = certificates;
  const encode = (text: string): string => Buffer.from(text).toString("base64");
  return {
    kind: "Secret",
    metadata: { namespace, name },
    data: { "tls.crt": encode(cert), "tls.key": encode(key) },
  };
}

/** What is asked, and what comes of it: the Service that is reached, a status, or where a redirect leads. */
type Case = readonly [asked: Asked, expected: string | number];

interface Example {
  readonly title: string;
  readonly text: string;
  readonly services?: readonly string[];
  readonly secrets?: readonly (readonly [namespace: string, name: string])[];
  readonly cases: readonly Case[];
}

const simpleGateway = (name: string): string => `
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: headgate, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---`;

const exampleRoute = (name: string, host: string, rules: string): string => `
kind: HTTPRoute
metadata: { name: ${name} }
spec: { parentRefs: [{ name: example-gateway }], hostnames: [${host}], rules: [${rules}] }`;

const examples: readonly Example[] = [
  {
    title: "basic-http",
    services: ["my-service1", "my-service2"],
    text: `${simpleGateway("my-gateway")}
kind: HTTPRoute
metadata: { name: http-app-1 }
spec:
  parentRefs: [{ name: my-gateway }]
  hostnames: [foo.com]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /bar } }]
    backendRefs: [{ name: my-service1, port: 8080 }]
  - matches:
    - headers: [{ type: Exact, name: magic, value: foo }]
      queryParams: [{ type: Exact, name: great, value: example }]
      path: { type: PathPrefix, value: /some/thing }
      method: GET
    backendRefs: [{ name: my-service2, port: 8080 }]`,
    cases: [
      [{ host: "foo.com", path: "/bar/a" }, "my-service1"],
      [{ host: "bar.com", path: "/bar/a" }, 404],
      [{ host: "foo.com", path: "/some/thing/a?great=example", headers: { magic: "foo" } }, "my-service2"],
      [{ host: "foo.com", path: "/some/thing?great=example" }, 404],
      [{ host: "foo.com", path: "/some/thing", headers: { magic: "foo" } }, 404],
      [
        { host: "foo.com", path: "/some/thing?great=example", headers: { magic: "foo" }, method: "POST" },
        404,
      ],
    ],
  },
  {
    title: "default-match-http",
    services: ["my-service-2"],
    text: `${simpleGateway("default-match-gw")}
kind: HTTPRoute
metadata: { name: default-match-route }
spec:
  parentRefs: [{ name: default-match-gw }]
  hostnames: [default-match.com]
  rules:
  - matches: [{ headers: [{ type: Exact, name: magic, value: default-match }] }]
    backendRefs: [{ group: acme.io, kind: CustomBackend, name: my-custom-resource, port: 8080 }]
  - matches: [{ path: { type: Exact, value: /example/exact } }]
    backendRefs: [{ name: my-service-2, port: 8080 }]`,
    cases: [
      [{ host: "default-match.com", path: "/a", headers: { magic: "default-match" } }, 500],
      [
        { host: "default-match.com", path: "/example/exact", headers: { magic: "default-match" } },
        "my-service-2",
      ],
      [{ host: "default-match.com", path: "/a" }, 404],
    ],
  },
  {
    title: "http-routing",
    services: ["example-svc", "foo-svc", "bar-svc", "bar-svc-canary"],
    text:
      simpleGateway("example-gateway") +
      [
        exampleRoute("example-route", "example.com", "{ backendRefs: [{ name: example-svc, port: 8080 }] }"),
        exampleRoute(
          "foo-route",
          "foo.example.com",
          "{ matches: [{ path: { type: PathPrefix, value: /login } }], backendRefs: [{ name: foo-svc, port: 8080 }] }",
        ),
        exampleRoute(
          "bar-route",
          "bar.example.com",
          `{ matches: [{ headers: [{ type: Exact, name: env, value: canary }] }], backendRefs: [{ name: bar-svc-canary, port: 8080 }] },
           { backendRefs: [{ name: bar-svc, port: 8080 }] }`,
        ),
      ].join("\n---"),
    cases: [
      [{ host: "example.com", path: "/any" }, "example-svc"],
      [{ host: "foo.example.com", path: "/login/a" }, "foo-svc"],
      [{ host: "foo.example.com", path: "/" }, 404],
      [{ host: "bar.example.com", headers: { env: "canary" } }, "bar-svc-canary"],
      [{ host: "bar.example.com" }, "bar-svc"],
      [{ host: "other.example.com" }, 404],
    ],
  },
  {
    title: "cross-namespace-routing",
    services: [
      "site-ns/home",
      "site-ns/login-v1",
      "site-ns/login-v2",
      "store-ns/store",
      "no-external-access/app",
    ],
    secrets: [["infra-ns", "foo-example-com"]],
    text: `
kind: Namespace
metadata: { name: site-ns, labels: { shared-gateway-access: "true" } }
---
kind: Namespace
metadata: { name: store-ns, labels: { shared-gateway-access: "true" } }
---
kind: Namespace
metadata: { name: no-external-access }
---
kind: Gateway
metadata: { name: shared-gateway, namespace: infra-ns }
spec:
  gatewayClassName: headgate
  listeners:
  - name: https
    hostname: foo.example.com
    protocol: HTTPS
    port: 443
    allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { shared-gateway-access: "true" } } } }
    tls: { certificateRefs: [{ name: foo-example-com }] }
---
kind: HTTPRoute
metadata: { name: home, namespace: site-ns }
spec: { parentRefs: [{ name: shared-gateway, namespace: infra-ns }], rules: [{ backendRefs: [{ name: home, port: 8080 }] }] }
---
kind: HTTPRoute
metadata: { name: login, namespace: site-ns }
spec:
  parentRefs: [{ name: shared-gateway, namespace: infra-ns }]
  rules:
  - matches: [{ path: { value: /login } }]
    backendRefs: [{ name: login-v1, port: 8080, weight: 0 }, { name: login-v2, port: 8080, weight: 10 }]
---
kind: HTTPRoute
metadata: { name: store, namespace: store-ns }
spec:
  parentRefs: [{ name: shared-gateway, namespace: infra-ns }]
  rules: [{ matches: [{ path: { value: /store } }], backendRefs: [{ name: store, port: 8080 }] }]
---
kind: HTTPRoute
metadata: { name: uninvited, namespace: no-external-access }
spec:
  parentRefs: [{ name: shared-gateway, namespace: infra-ns }]
  rules: [{ matches: [{ path: { value: /uninvited } }], backendRefs: [{ name: app, port: 8080 }] }]`,
    cases: [
      [{ port: 443, host: "foo.example.com", path: "/" }, "site-ns/home"],
      [{ port: 443, host: "foo.example.com", path: "/login" }, "site-ns/login-v2"],
      [{ port: 443, host: "foo.example.com", path: "/store/a" }, "store-ns/store"],
      [{ port: 443, host: "foo.example.com", path: "/uninvited" }, "site-ns/home"],
      [{ port: 443, host: "bar.example.com", path: "/" }, 404],
    ],
  },
  {
    title: "simple-http-https",
    services: ["foo-app", "foo-orders-app", "bar-app"],
    secrets: [["default", "example-com"]],
    text: `
kind: Gateway
metadata: { name: example-gateway }
spec:
  gatewayClassName: headgate
  listeners:
  - { name: http, port: 80, protocol: HTTP, hostname: "*.example.com" }
  - { name: https, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: { mode: Terminate, certificateRefs: [{ kind: Secret, name: example-com }] } }
---
kind: HTTPRoute
metadata: { name: tls-redirect }
spec:
  parentRefs: [{ name: example-gateway, sectionName: http }]
  hostnames: [foo.example.com, bar.example.com]
  rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { scheme: https, port: 443 } }] }]
---
kind: HTTPRoute
metadata: { name: foo }
spec:
  parentRefs: [{ name: example-gateway, sectionName: https }]
  hostnames: [foo.example.com]
  rules:
  - { matches: [{ path: { type: PathPrefix, value: / } }], backendRefs: [{ name: foo-app, port: 8080 }] }
  - { matches: [{ path: { type: PathPrefix, value: /orders } }], backendRefs: [{ name: foo-orders-app, port: 8080 }] }
---
kind: HTTPRoute
metadata: { name: bar }
spec:
  parentRefs: [{ name: example-gateway, sectionName: https }]
  hostnames: [bar.example.com]
  rules: [{ matches: [{ path: { type: PathPrefix, value: / } }], backendRefs: [{ name: bar-app, port: 8080 }] }]`,
    cases: [
      [{ host: "foo.example.com", path: "/orders?a=b" }, "https://foo.example.com/orders?a=b"],
      [{ host: "other.example.com", path: "/" }, 404],
      [{ port: 443, host: "foo.example.com", path: "/orders/1" }, "foo-orders-app"],
      [{ port: 443, host: "foo.example.com", path: "/" }, "foo-app"],
      [{ port: 443, host: "bar.example.com", path: "/orders" }, "bar-app"],
    ],
  },
  {
    title: "http-redirect-rewrite",
    services: ["example-svc"],
    text: `${simpleGateway("redirect-gateway")}
kind: HTTPRoute
metadata: { name: to-https }
spec:
  parentRefs: [{ name: redirect-gateway, sectionName: http }]
  hostnames: [redirect.example]
  rules:
  - filters: [{ type: RequestRedirect, requestRedirect: { scheme: https, statusCode: 301 } }]
  - matches: [{ path: { type: PathPrefix, value: /cayenne } }]
    filters: [{ type: RequestRedirect, requestRedirect: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /paprika } } }]
  - matches: [{ path: { type: Exact, value: /submit-form }, method: POST }]
    filters: [{ type: RequestRedirect, requestRedirect: { path: { type: ReplaceFullPath, replaceFullPath: /thank-you }, statusCode: 303 } }]
---
kind: HTTPRoute
metadata: { name: rewrite }
spec:
  parentRefs: [{ name: redirect-gateway }]
  hostnames: [rewrite.example]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /cardamom } }]
    filters: [{ type: URLRewrite, urlRewrite: { hostname: elsewhere.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: /fennel } } }]
    backendRefs: [{ name: example-svc, weight: 1, port: 8080 }]`,
    cases: [
      [{ host: "redirect.example", path: "/a" }, "https://redirect.example/a"],
      [{ host: "redirect.example", path: "/cayenne/a" }, "http://redirect.example/paprika/a"],
      [
        { host: "redirect.example", path: "/submit-form", method: "POST" },
        "http://redirect.example/thank-you",
      ],
      [{ host: "rewrite.example", path: "/cardamom/a" }, "example-svc elsewhere.example/fennel/a"],
    ],
  },
  {
    title: "http-route-attachment",
    services: ["gateway-api-example-ns2/foo-svc"],
    text: `
kind: Namespace
metadata: { name: gateway-api-example-ns2, labels: { kubernetes.io/metadata.name: gateway-api-example-ns2 } }
---
kind: Gateway
metadata: { name: foo-gateway, namespace: gateway-api-example-ns1 }
spec:
  gatewayClassName: headgate
  listeners:
  - name: prod-web
    port: 80
    protocol: HTTP
    allowedRoutes:
      kinds: [{ kind: HTTPRoute }]
      namespaces: { from: Selector, selector: { matchLabels: { kubernetes.io/metadata.name: gateway-api-example-ns2 } } }
---
kind: HTTPRoute
metadata: { name: my-route, namespace: gateway-api-example-ns2 }
spec:
  parentRefs: [{ kind: Gateway, name: foo-gateway, namespace: gateway-api-example-ns1 }]
  rules: [{ backendRefs: [{ name: foo-svc, port: 8080 }] }]`,
    cases: [[{}, "gateway-api-example-ns2/foo-svc"]],
  },
  {
    title: "traffic-split-1 and traffic-split-3",
    services: ["foo-v1", "foo-v2"],
    text: `${simpleGateway("prod-web-gw")}
kind: HTTPRoute
metadata: { name: foo-route }
spec:
  parentRefs: [{ name: prod-web-gw }]
  hostnames: [foo.example.com]
  rules:
  - backendRefs: [{ name: foo-v1, port: 8080 }]
  - { matches: [{ headers: [{ name: traffic, value: test }] }], backendRefs: [{ name: foo-v2, port: 8080 }] }
---
kind: HTTPRoute
metadata: { name: rolled-out }
spec:
  parentRefs: [{ name: prod-web-gw }]
  hostnames: [rolled.example.com]
  rules: [{ backendRefs: [{ name: foo-v1, port: 8080, weight: 0 }, { name: foo-v2, port: 8080, weight: 1 }] }]`,
    cases: [
      [{ host: "foo.example.com" }, "foo-v1"],
      [{ host: "foo.example.com", headers: { traffic: "test" } }, "foo-v2"],
      [{ host: "rolled.example.com" }, "foo-v2"],
    ],
  },
  {
    title: "tls-cert-cross-namespace",
    services: ["gateway-api-example-ns1/app"],
    secrets: [["gateway-api-example-ns2", "wildcard-example-com-cert"]],
    text: `
kind: Gateway
metadata: { name: cross-namespace-tls-gateway, namespace: gateway-api-example-ns1 }
spec:
  gatewayClassName: headgate
  listeners:
  - name: https
    protocol: HTTPS
    port: 443
    hostname: "*.example.com"
    tls: { certificateRefs: [{ kind: Secret, group: "", name: wildcard-example-com-cert, namespace: gateway-api-example-ns2 }] }
---
kind: ReferenceGrant
metadata: { name: allow-ns1-gateways-to-ref-secrets, namespace: gateway-api-example-ns2 }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: gateway-api-example-ns1 }]
  to: [{ group: "", kind: Secret }]
---
kind: HTTPRoute
metadata: { name: app, namespace: gateway-api-example-ns1 }
spec: { parentRefs: [{ name: cross-namespace-tls-gateway }], rules: [{ backendRefs: [{ name: app, port: 8080 }] }] }`,
    cases: [[{ port: 443, host: "a.example.com" }, "gateway-api-example-ns1/app"]],
  },
  {
    title: "httproute, without a parent and with a space in its path",
    services: ["my-service-3"],
    text: `${simpleGateway("web")}
kind: HTTPRoute
metadata: { name: my-app }
spec: { rules: [{ backendRefs: [{ name: my-service-3, port: 8080 }] }] }
---
kind: HTTPRoute
metadata: { name: with-parent }
spec:
  parentRefs: [{ name: web }]
  rules: [{ matches: [{ path: { type: PathPrefix, value: /my%20path/123 } }], backendRefs: [{ name: my-service-3, port: 8080 }] }]`,
    cases: [
      [{ path: "/my%20path/123/4" }, "my-service-3"],
      [{ path: "/mypath" }, 404],
    ],
  },
];

/** The Service, and what it was asked for. */
function describeSeen({ service, headers, path }: Seen): string {
  return `${service} ${headers["host"]}${path}`;
}

describe("the example", () => {
  for (const { title, text, services = [], secrets = [], cases } of examples) {
    test(`${title} does what it says`, async (t) => {
      const objects = secrets.map(([namespace, name]) => secret(namespace, name));
      const { ask } = await startGateway(t, text, { services, objects });
      for (const [asked, expected] of cases) {
        const { seen, status, headers } = await ask(asked);
        const outcomes: unknown[] = seen ? [seen.service, describeSeen(seen)] : [headers.location ?? status];
        assert.ok(outcomes.includes(expected), `${JSON.stringify(asked)}: ${outcomes.join()}`);
      }
    });
  }

  test("http-request-mirroring sends a copy and answers from the backend", async (t) => {
    const text = `${simpleGateway("mirror-gateway")}
kind: HTTPRoute
metadata: { name: http-filter-mirror }
spec:
  parentRefs: [{ name: mirror-gateway }]
  hostnames: [mirror.example]
  rules:
  - backendRefs:
    - name: foo-v1
      port: 8080
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: foo-v2, port: 8080 } } }]`;
    const { ask, seen } = await startGateway(t, text, { services: ["foo-v1", "foo-v2"] });
    assert.equal((await ask({ host: "mirror.example" })).seen?.service, "foo-v1");
    await eventually(() => seen.some(({ service }) => service === "foo-v2"));
  });
});
