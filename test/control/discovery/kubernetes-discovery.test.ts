import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { answersOf, sliceOf, slices, startServersAt } from "../../kit/discovery.ts";
import { eventually } from "../../kit/eventually.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../kit/kubernetes-api.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

function startFor(
  t: Teardown,
  server: KubernetesApiServer,
  upstream: Readonly<Record<string, unknown>> = {},
) {
  const discover = { kubernetes: { service: "shop/app", port: "http" } };
  const config = {
    upstreams: { app: { balance: "round-robin", discover, ...upstream } },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
  return startProxy(t, config, { env: { HEADGATE_KUBERNETES_URL: server.url } });
}

describe("servers by Kubernetes", () => {
  test("take requests as soon as the proxy is ready, and come and go with their endpoints", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.1"]));
    server.put(slices, sliceOf("app-2", port, ["127.0.0.2"]));
    const proxy = await startFor(t, server);
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.2"]);
    server.put(slices, sliceOf("app-2", port, ["127.0.0.3"]));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.3"]));
    server.remove(slices, "shop/app-1");
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.3"]));
  });
});
