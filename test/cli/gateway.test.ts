import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, test } from "node:test";

import { putObjects, putText } from "../control/gateway/start-controller.ts";
import { serviceObjects } from "../control/gateway/service-objects.ts";
import { gatewayClass } from "../control/gateway/start-gateway.ts";
import { eventually } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../kit/kubernetes-api.ts";
import { runProgram, type RunningProgram, writeConfig } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";
import type { Teardown } from "../kit/teardown.ts";

const limit = { timeout: 60_000 };

const route = (service: string): string => `
kind: HTTPRoute
metadata: { name: app }
spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: ${service}, port: 8080 }] }] }`;

interface Cluster {
  readonly api: KubernetesApiServer;
  readonly port: number;
  readonly url: string;
}

/** A cluster with a Gateway on a free port and the Services v1 and v2, of which routes lead to the first. */
async function startCluster(t: Teardown): Promise<Cluster> {
  const [api, port] = await Promise.all([startKubernetesApi(t), freePort()]);
  putObjects(api, [gatewayClass]);
  for (const name of ["v1", "v2"]) {
    const server = await startServer(t, (_, response) => response.end(name));
    putObjects(api, serviceObjects({ name, endpoints: [`127.0.0.1:${server.port}`] }));
  }
  putText(
    api,
    `kind: Gateway\nmetadata: { name: web }\nspec: { gatewayClassName: headgate, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }`,
  );
  putText(api, route("v1"));
  return { api, port, url: `http://127.0.0.1:${port}` };
}

const base = (port: number, more = ""): string => `
workers: 2
listeners: { web: { bind: "127.0.0.1:${port}" } }
admin: { bind: "127.0.0.1:0" }
storage: off
accessLog: { format: off }
${more}`;

function runGateway(t: Teardown, { api }: Cluster, args: readonly string[]): RunningProgram {
  const env = {
    HEADGATE_KUBERNETES_URL: api.url,
    HEADGATE_KUBERNETES_NAMESPACE: "headgate",
    POD_NAME: "pod-1",
  };
  return runProgram(t, ["run", "--gateway-class", "headgate", ...args], { env });
}

async function startGateway(t: Teardown, cluster: Cluster, text = base(cluster.port)) {
  const file = await writeConfig(t, text);
  const program = runGateway(t, cluster, ["-c", file, "--watch"]);
  await eventually(() => / info ready /.test(program.logs()), 30_000);
  return { program, file };
}

const textOf = async (url: string): Promise<string> => {
  const response = await fetch(url);
  return response.ok ? response.text() : String(response.status);
};

function holderOf(api: KubernetesApiServer): unknown {
  const lease = api.object("/apis/coordination.k8s.io/v1/leases", "headgate/headgate-gateway-headgate");
  return (lease?.["spec"] as { holderIdentity?: unknown } | undefined)?.holderIdentity;
}

describe("headgate run --gateway-class", () => {
  test(
    "serves with several workers, takes in changes without losing a request, and gives the lease back",
    limit,
    async (t) => {
      const cluster = await startCluster(t);
      const { program } = await startGateway(t, cluster);
      await eventually(() => holderOf(cluster.api) === "pod-1");
      const answers = new Map<string, number>();
      const over = new AbortController();
      const load = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const answer = await textOf(cluster.url).catch((error: unknown) => String(error));
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
      };
      const clients = [load(), load(), load(), load()];
      for (const service of ["v2", "v1", "v2"]) {
        putText(cluster.api, route(service));
        await eventually(async () => (await textOf(cluster.url)) === service);
      }
      over.abort();
      await Promise.all(clients);
      assert.deepEqual(new Set(answers.keys()), new Set(["v1", "v2"]));
      program.signal("SIGTERM");
      assert.equal(await program.exited, 0);
      assert.equal(holderOf(cluster.api), "");
    },
  );

  test("takes in changes of its base, and keeps what runs where the base is not valid", limit, async (t) => {
    const cluster = await startCluster(t);
    const { program, file } = await startGateway(t, cluster);
    const nowhere = async (): Promise<string> =>
      (await fetch(`${cluster.url}/nowhere`, { headers: { accept: "text/html" } })).text();
    putText(cluster.api, route("v1").replace("rules: [{", "rules: [{ matches: [{ path: { value: /app } }],"));
    await eventually(async () => (await nowhere()).includes("404"));
    await writeFile(file, base(cluster.port, 'errorPages: { 404: "<p>our own page</p>" }'));
    await eventually(async () => (await nowhere()).includes("our own page"));
    await writeFile(file, base(cluster.port, "routes: [{ upstream: a }]"));
    await eventually(() => /error .*routes.* come from the Gateway API/.test(program.logs()));
    assert.ok((await nowhere()).includes("our own page"));
    await writeFile(file, base(cluster.port, 'errorPages: { 404: "<p>another page</p>" }'));
    program.signal("SIGHUP");
    await eventually(async () => (await nowhere()).includes("another page"));
  });

  test("is given a base that headgate check --gateway finds every mistake in", limit, async (t) => {
    const text = "routes: [{ upstream: a }]\nworkers: none\nerrorPages: { 404: missing.html }";
    const file = await writeConfig(t, text);
    const program = runProgram(t, ["check", "--gateway", "-c", file]);
    assert.equal(await program.exited, 1);
    assert.match(program.logs(), /config\.yaml:1:1 .*routes.*come from the Gateway API/);
    assert.match(program.logs(), /config\.yaml:2:10 .*workers/);
    await writeFile(file, "errorPages: { 404: missing.html }");
    const again = runProgram(t, ["check", "--gateway", "-c", file]);
    assert.equal(await again.exited, 1);
    assert.match(again.logs(), /config\.yaml:1:\d+ .*errorPages.*no such file/);
  });

  test("can be told to stop while it waits for the cluster", limit, async (t) => {
    const cluster = await startCluster(t);
    cluster.api.answerNext(...Array.from({ length: 1_000 }, () => ({ status: 503 })));
    const program = runGateway(t, cluster, []);
    await eventually(() => program.logs().includes("waiting for objects of Kubernetes"), 20_000);
    program.signal("SIGTERM");
    assert.equal(await program.exited, 1);
    assert.match(program.logs(), /Cannot start: told to stop/);
  });

  test(
    "says what is missing where there is no cluster, and what is wrong on the command line",
    limit,
    async (t) => {
      const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
        [["--gateway-class", "headgate"], 1, /Cannot reach Kubernetes: .*KUBECONFIG/],
        [["--gateway-service", "a/b"], 2, /--gateway-service needs --gateway-class/],
        [["--gateway-class", "headgate", "--gateway-service", "b"], 2, /"b" is no NAMESPACE\/NAME/],
      ];
      for (const [args, code, said] of cases) {
        const env = {
          HOME: "/nonexistent",
          KUBECONFIG: undefined,
          KUBERNETES_SERVICE_HOST: undefined,
          HEADGATE_KUBERNETES_URL: undefined,
        };
        const program = runProgram(t, ["run", ...args], { env });
        assert.equal(await program.exited, code, program.logs());
        assert.match(program.logs(), said);
      }
    },
  );
});
