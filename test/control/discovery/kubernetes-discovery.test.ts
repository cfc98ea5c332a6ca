import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { createAuthority } from "../../kit/certificates.ts";
import { answersOf, sliceOf, slices, sourceOf, startServersAt } from "../../kit/discovery.ts";
import { eventually } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../kit/kubernetes-api.ts";
import { type RunningProxy, startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

type Block = Readonly<Record<string, unknown>>;

function configOf(upstream: Block = {}, port: string | number = "http") {
  const discover = { kubernetes: { service: "shop/app", port } };
  return {
    upstreams: { app: { balance: "round-robin", discover, ...upstream } },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
}

function startFor(t: Teardown, { url }: KubernetesApiServer, upstream: Block = {}): Promise<RunningProxy> {
  return startProxy(t, configOf(upstream), { env: { HEADGATE_KUBERNETES_URL: url } });
}

const leaving = { ready: false, serving: true, terminating: true };

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
    server.remove(slices, "shop/app-2");
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["503"]));
    assert.equal((await sourceOf(proxy)).error, null, "a Service without endpoints is no error");
  });

  test("that serve while they terminate keep their sticky sessions, and get no new ones", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2"]);
    const server = await startKubernetesApi(t);
    const first = { address: "127.0.0.1", pod: "app-0" };
    const second = { address: "127.0.0.2", pod: "app-1" };
    server.put(slices, sliceOf("app-1", port, [first, second]));
    const proxy = await startFor(t, server, { sticky: {} });
    const cookies = new Map<string, string>();
    for (let index = 0; index < 4; index++) {
      const response = await fetch(proxy.url);
      cookies.set(await response.text(), response.headers.getSetCookie()[0]?.split(";")[0] ?? "");
    }
    const ask = async (address: string): Promise<string> =>
      (await fetch(proxy.url, { headers: { cookie: cookies.get(address) ?? "" } })).text();
    server.put(slices, sliceOf("app-1", port, [{ ...first, conditions: leaving }, second]));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
    assert.deepEqual([await ask("127.0.0.1"), await ask("127.0.0.2")], ["127.0.0.1", "127.0.0.2"]);
    assert.match(await statusOf(proxy), /"name":"app-0",.*"state":"draining".*"name":"app-1",.*"state":"up"/);
    server.put(slices, sliceOf("app-1", port, [second]));
    await eventually(async () => assert.equal(await ask("127.0.0.1"), "127.0.0.2"));
  });

  test("that leave end what is under way on them", async (t) => {
    const gate = createGate();
    const slow = await startServer(t, async ({ url }, response) => {
      if (url === "/slow") {
        response.write("begun, ");
        await gate.opened;
      }
      response.end("ended");
    });
    await startServer(t, (_, response) => response.end("other"), { address: "127.0.0.2", port: slow.port });
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", slow.port, ["127.0.0.1"]));
    const proxy = await startFor(t, server);
    const answer = await fetch(`${proxy.url}/slow`);
    server.put(slices, sliceOf("app-1", slow.port, ["127.0.0.2"]));
    await eventually(async () => assert.deepEqual(await answersOf(proxy, 2), ["other"]));
    gate.open();
    assert.equal(await answer.text(), "begun, ended");
  });

  test("stay while the API server is away, and follow it when it is back", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2"]);
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.1"]));
    const proxy = await startFor(t, server);
    await server.stop();
    const source = await eventually(async () => {
      const now = await sourceOf(proxy);
      return now.error !== null && now;
    });
    assert.deepEqual([source.servers, source.kind, source.name], [1, "kubernetes", "shop/app"]);
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1"]);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.2"]));
    await server.start();
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.2"]));
    assert.equal((await sourceOf(proxy)).error, null);
    assert.equal(proxy.logs().match(/servers cannot be found/g)?.length, 1);
  });

  test("are found when the API server comes after the proxy", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1"]);
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.1"]));
    await server.stop();
    const proxy = await startFor(t, server);
    assert.deepEqual(await answersOf(proxy, 1), ["503"]);
    await server.start();
    await eventually(async () => assert.deepEqual(await answersOf(proxy, 1), ["127.0.0.1"]));
  });

  test("keep their numbers, and what people said of them, over changes of the others", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.1", "127.0.0.2"]));
    const proxy = await startFor(t, server);
    await answersOf(proxy, 10);
    const path = `/api/upstreams/app/servers/${encodeURIComponent(`127.0.0.2:${port}`)}`;
    const change = {
      method: "PATCH",
      body: '{"state":"drain"}',
      headers: { "content-type": "application/json" },
    };
    assert.equal((await fetch(`${proxy.adminUrl}${path}`, change)).status, 200);
    server.put(slices, sliceOf("app-1", port, ["127.0.0.3", "127.0.0.2", "127.0.0.1"]));
    await eventually(async () => assert.deepEqual(await answersOf(proxy), ["127.0.0.1", "127.0.0.3"]));
    const { upstreams } = JSON.parse(await statusOf(proxy)) as { upstreams: { servers: Server[] }[] };
    const [one, two] = (upstreams[0] as { servers: Server[] }).servers as [Server, Server];
    assert.ok(one.requests > 5, `${one.requests}`);
    assert.deepEqual([two.requests, two.state], [5, "draining"]);
  });

  test("of pods that have no such port are told, with the ports that they have", async (t) => {
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", 8080, ["127.0.0.1"]));
    const env = { HEADGATE_KUBERNETES_URL: server.url };
    const proxy = await startProxy(t, configOf({}, "web"), { env });
    assert.equal((await sourceOf(proxy)).error, "its pods have no port web, but http (8080)");
    assert.match(proxy.logs(), /servers cannot be found.* kubernetes=shop\/app .*no port web/);
  });

  test("are found by the account of the pod's own kubeconfig, over TLS; a program for tokens is refused", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1"]);
    const authority = await createAuthority(t);
    const tls = await authority.issue("api", { names: "IP:127.0.0.1" });
    const server = await startKubernetesApi(t, { tls, token: "secret-token" });
    server.put(slices, sliceOf("app-1", port, ["127.0.0.1"]));
    const directory = await mkdtemp(join(tmpdir(), "headgate-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, "config");
    const kubeconfig = (user: object) =>
      JSON.stringify({
        "current-context": "x",
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        clusters: [
          { name: "c", cluster: { server: server.url, "certificate-authority": authority.certFile } },
        ],
        users: [{ name: "u", user }],
      });
    await writeFile(file, kubeconfig({ exec: { command: "touch", args: [join(directory, "was-run")] } }));
    const env = { KUBECONFIG: file };
    const refused = await startProxy(t, configOf(), { env });
    assert.match((await sourceOf(refused)).error ?? "", /by a program \(exec\), and we run none/);
    await writeFile(file, kubeconfig({ token: "secret-token" }));
    const proxy = await startProxy(t, configOf(), { env });
    assert.deepEqual(await answersOf(proxy), ["127.0.0.1"]);
    await eventually(async () => assert.deepEqual(await answersOf(refused, 1), ["127.0.0.1"]));
    server.answerNext({ status: 403, body: "no secret-token" });
    server.endWatches("properly");
    await eventually(async () => (await sourceOf(proxy)).failures + (await sourceOf(refused)).failures > 1);
    const told = proxy.logs() + refused.logs() + (await statusOf(proxy));
    assert.ok(!told.includes("secret-token"), "a token is never told");
  });

  test("are explained with the source that they come from", async (t) => {
    const port = await startServersAt(t, ["127.0.0.1"]);
    const server = await startKubernetesApi(t);
    server.put(slices, sliceOf("app-1", port, [{ address: "127.0.0.1", pod: "app-0" }]));
    const proxy = await startFor(t, server);
    const body = JSON.stringify({ method: "GET", url: "http://a/" });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${proxy.adminUrl}/api/explain`, { method: "POST", body, headers });
    const { foundBy, servers } = (await response.json()) as {
      foundBy: string[];
      servers: { name: string }[];
    };
    assert.deepEqual(foundBy, ["kubernetes shop/app"]);
    assert.deepEqual(
      servers.map(({ name }) => name),
      ["app-0"],
    );
  });
});

interface Server {
  readonly state: string;
  readonly requests: number;
}

async function statusOf({ adminUrl }: RunningProxy): Promise<string> {
  return (await fetch(`${adminUrl}/api/status`)).text();
}
