import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import { findInSlices } from "../../../src/control/discovery/endpoint-slices.ts";
import type { KubernetesObject } from "../../../src/control/kubernetes/kubernetes-object.ts";
import { sliceOf, type TestEndpoint } from "../../kit/discovery.ts";

function found(slices: readonly object[], port: string | number = "http"): string[] {
  const { servers } = findInSlices(slices as readonly KubernetesObject[], port);
  return servers
    .map(({ name, address, port: at, weight }) => `${name} ${address}:${at} ${weight}`)
    .toSorted();
}

function slice(endpoints: readonly (string | TestEndpoint)[], more: object = {}): object {
  return { ...sliceOf("app-1", 8080, endpoints), ...more };
}

describe("a Service's servers", () => {
  const states: readonly (readonly [
    conditions: Record<string, boolean> | undefined,
    weight: number | undefined,
  ])[] = [
    [undefined, 1],
    [{}, 1],
    [{ ready: true, serving: true, terminating: false }, 1],
    [{ ready: false, serving: true, terminating: true }, 0],
    [{ ready: false, serving: false, terminating: true }, undefined],
    [{ ready: false, serving: false, terminating: false }, undefined],
    [{ ready: false, serving: true, terminating: false }, undefined],
    [{ ready: false }, undefined],
    [{ ready: true, serving: true, terminating: true }, 1], // publishNotReadyAddresses
  ];
  for (const [conditions, weight] of states) {
    const state = weight === undefined ? "out" : weight === 0 ? "drained" : "up";
    test(`are ${state} with the conditions ${JSON.stringify(conditions)}`, () => {
      const endpoint = { addresses: ["10.0.0.1"], conditions };
      const { servers } = findInSlices([slice([], { endpoints: [endpoint] }) as KubernetesObject], "http");
      assert.deepEqual(
        servers.map((server) => server.weight),
        weight === undefined ? [] : [weight],
      );
    });
  }

  test("are those of all its slices, each once, and the better of two words about one counts", () => {
    const leaving = { ready: false, serving: true, terminating: true };
    assert.deepEqual(
      found([
        slice(["10.0.0.1", { address: "10.0.0.2", conditions: leaving }]),
        slice(["10.0.0.2", "10.0.0.3"]),
        slice([{ address: "10.0.0.3", conditions: leaving }]),
      ]),
      ["10.0.0.1:8080 10.0.0.1:8080 1", "10.0.0.2:8080 10.0.0.2:8080 1", "10.0.0.3:8080 10.0.0.3:8080 1"],
    );
  });

  test("bear the names of their pods; a pod with addresses of both families is one server", () => {
    const six = { addressType: "IPv6", endpoints: [] as object[] };
    const target = { kind: "Pod", name: "app-0", uid: "uid-app-0" };
    six.endpoints = [
      { addresses: ["fd00::1"], targetRef: target },
      { addresses: ["fd00::9"], conditions: {} },
    ];
    assert.deepEqual(found([slice([], six), slice([{ address: "10.0.0.1", pod: "app-0" }])]), [
      "[fd00::9]:8080 fd00::9:8080 1",
      "app-0 10.0.0.1:8080 1",
    ]);
  });

  test("are on the port of that name, or of that number, in each slice its own", () => {
    const ports = [
      { name: "http", port: 8080 },
      { name: "admin", port: 9900, protocol: "TCP" },
    ];
    const other = { ports: [{ name: "http", port: 8081 }] };
    const both = [slice(["10.0.0.1"], { ports }), slice(["10.0.0.2"], other)];
    assert.deepEqual(found(both), ["10.0.0.1:8080 10.0.0.1:8080 1", "10.0.0.2:8081 10.0.0.2:8081 1"]);
    assert.deepEqual(found(both, 9900), ["10.0.0.1:9900 10.0.0.1:9900 1"]);
    assert.deepEqual(
      found([slice(["10.0.0.1"], { ports: [{ name: "http", port: 8080, protocol: "UDP" }] })]),
      [],
    );
  });

  test("that have no such port are told with those that they have", () => {
    const { servers, fault } = findInSlices([slice(["10.0.0.1"]) as KubernetesObject], "web");
    assert.deepEqual(servers, []);
    assert.equal(fault, "its pods have no port web, but http (8080)");
    assert.equal(findInSlices([slice([]) as KubernetesObject], "web").fault, undefined);
  });

  test("are passed over where an endpoint makes no sense", () => {
    const endpoints = [
      null,
      7,
      {},
      { addresses: [] },
      { addresses: "10.0.0.1" },
      { addresses: [7] },
      { addresses: ["not an address"] },
      { addresses: ["10.0.0.1/../x"] },
      { addresses: ["fd00::1"] },
      { addresses: ["10.0.0.9"], targetRef: { kind: "Pod", name: "a b/c\n", uid: 7 } },
    ];
    assert.deepEqual(found([slice([], { endpoints })]), ["10.0.0.9:8080 10.0.0.9:8080 1"]);
    assert.deepEqual(
      found([slice(["10.0.0.1"], { ports: [{ name: "http", port: 0 }, null, { port: "x" }] })]),
      [],
    );
    assert.deepEqual(
      found([slice([], { endpoints: "x", ports: {} }), slice([], { addressType: "FQDN" })]),
      [],
    );
  });

  test("come out of anything at all without a fault, and every one has an address, a port and a name", () => {
    const endpoint = fc.record(
      { addresses: fc.anything(), conditions: fc.anything(), targetRef: fc.anything() },
      { requiredKeys: [] },
    );
    const port = fc.record({
      name: fc.constantFrom("http", "", null),
      port: fc.anything(),
      protocol: fc.anything(),
    });
    const anySlice = fc.record(
      {
        addressType: fc.anything(),
        endpoints: fc.oneof(fc.anything(), fc.array(endpoint)),
        ports: fc.oneof(fc.anything(), fc.array(port)),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(anySlice), (slices) => {
        for (const server of findInSlices(slices as never, "http").servers)
          assert.ok(server.address !== "" && server.name !== "" && server.port > 0);
      }),
      { examples: [[[{ addressType: { toString: 0 } }, {}]]] },
    );
  });
});
