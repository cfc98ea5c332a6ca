import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { findAccess } from "../../../src/control/kubernetes/find-access.ts";
import { type KubernetesApi, openKubernetesApi } from "../../../src/control/kubernetes/api.ts";
import { isConflict, isNotFound, KubernetesError } from "../../../src/control/kubernetes/api-error.ts";
import { changeStatus } from "../../../src/control/kubernetes/change-status.ts";
import { host } from "../../../src/runtime/current.ts";
import { createAuthority } from "../../kit/certificates.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { startKubernetesApi } from "../../kit/kubernetes-api.ts";
import type { Teardown } from "../../kit/teardown.ts";

const leases = "/apis/coordination.k8s.io/v1/leases";
const inNamespace = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

async function open(
  t: Teardown,
  env: Readonly<Record<string, string>>,
  timeoutMs = 2_000,
): Promise<KubernetesApi> {
  const api = openKubernetesApi({ host, access: await findAccess({ env }), timeoutMs });
  t.after(() => api.close());
  return api;
}

function lease(name: string, spec: object = {}) {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: "shop" }, spec };
}

function isRefusal(status: number, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof KubernetesError, String(error));
    assert.equal(error.status, status, error.message);
    assert.match(error.message, message);
    return true;
  };
}

describe("an API server", () => {
  test("keeps objects: created, read, replaced, merged into, applied, deleted", async (t) => {
    const server = await startKubernetesApi(t);
    const api = await open(t, { HEADGATE_KUBERNETES_URL: server.url });
    const made = await api.create(inNamespace, lease("leader", { holderIdentity: "a" }));
    assert.equal(made.metadata.namespace, "shop");
    const read = await api.get(`${inNamespace}/leader`);
    assert.deepEqual(read["spec"], { holderIdentity: "a" });
    const next = await api.update(`${inNamespace}/leader`, { ...read, spec: { holderIdentity: "b" } });
    assert.notEqual(next.metadata.resourceVersion, read.metadata.resourceVersion);
    await api.mergePatch(`${inNamespace}/leader`, { spec: { leaseTransitions: 1 } });
    const applied = await api.apply(`${inNamespace}/leader`, { spec: { x: 1 } }, "headgate");
    assert.deepEqual(applied["spec"], { holderIdentity: "b", leaseTransitions: 1, x: 1 });
    assert.match(server.requests.at(-1) ?? "", /PATCH .*fieldManager=headgate&force=true/);
    await api.remove(`${inNamespace}/leader`);
    await assert.rejects(api.get(`${inNamespace}/leader`), isNotFound);
  });

  test("refuses what somebody else has changed in between, and what exists already", async (t) => {
    const server = await startKubernetesApi(t);
    const api = await open(t, { HEADGATE_KUBERNETES_URL: server.url });
    const made = await api.create(inNamespace, lease("leader"));
    await api.update(`${inNamespace}/leader`, { ...made, spec: { holderIdentity: "b" } });
    await assert.rejects(api.update(`${inNamespace}/leader`, made), isConflict);
    await assert.rejects(api.create(inNamespace, lease("leader")), isConflict);
  });

  test("has a status changed once more where somebody else was quicker", async (t) => {
    const server = await startKubernetesApi(t);
    const gateways = "/apis/gateway.networking.k8s.io/v1/gateways";
    const path = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/web";
    const gateway = { metadata: { name: "web", namespace: "shop" }, spec: { gatewayClassName: "headgate" } };
    server.put(gateways, gateway);
    const api = await open(t, { HEADGATE_KUBERNETES_URL: server.url });
    let seen = 0;
    const isChanged = await changeStatus(api, path, () => {
      seen += 1;
      if (seen === 1) server.put(gateways, { ...gateway, spec: { gatewayClassName: "other" } });
      return { conditions: [{ type: "Accepted", status: "True" }] };
    });
    assert.deepEqual([isChanged, seen], [true, 2]);
    const written = server.object(gateways, "shop/web");
    assert.deepEqual(written?.["status"], { conditions: [{ type: "Accepted", status: "True" }] });
    assert.deepEqual(written?.["spec"], { gatewayClassName: "other" });
    assert.equal(await changeStatus(api, path, () => undefined), false);
  });

  test("is told from one that is away, slow, or answers something else", async (t) => {
    const server = await startKubernetesApi(t);
    const api = await open(t, { HEADGATE_KUBERNETES_URL: server.url }, 200);
    server.answerNext({ status: 503, headers: { "retry-after": "7" }, body: "<html>" });
    await assert.rejects(api.get(leases), (error) => {
      assert.ok(error instanceof KubernetesError);
      assert.deepEqual([error.status, error.retryAfterMs], [503, 7000]);
      return true;
    });
    server.answerNext({ status: 200, body: "<html>" });
    await assert.rejects(api.get(leases), isRefusal(0, /Cannot read \/apis\/coordination/));
    server.answerNext({ status: 302, headers: { location: "http://elsewhere" } });
    await assert.rejects(api.get(leases), isRefusal(302, /answers 302/));
    server.answerNext({ status: 403 });
    await assert.rejects(api.get(leases), isRefusal(403, /grant it by a Role/));
    server.delayMs = 1_000;
    await assert.rejects(api.get(leases), isRefusal(0, /has not answered within 200 ms/));
    await server.stop();
    await assert.rejects(api.get(leases), isRefusal(0, /Cannot read/));
  });
});

describe("access", () => {
  async function inPod(t: Teardown, token: string) {
    const authority = await createAuthority(t);
    const own = await authority.issue("api", { names: "IP:127.0.0.1,DNS:kubernetes.default.svc" });
    const server = await startKubernetesApi(t, { token, tls: own });
    const { directory } = authority;
    await writeFile(join(directory, "token"), `${token}\n`);
    await writeFile(join(directory, "namespace"), "shop");
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
    return { authority, server, directory, env };
  }

  test("is a pod's service account, whose token is read anew when it is renewed", async (t) => {
    const { server, directory, env } = await inPod(t, "first");
    const access = await findAccess({ env, serviceAccountDirectory: directory });
    const api = openKubernetesApi({ host, access });
    t.after(() => api.close());
    assert.equal(api.namespace, "shop");
    await api.get(leases);
    server.token = "second";
    await assert.rejects(api.get(leases), isRefusal(401, /does not accept our token/));
    await writeFile(join(directory, "token"), "second\n");
    await api.get(leases);
  });

  test("takes an API server whose certificate a new authority has signed, once ca.crt says so", async (t) => {
    const { directory, env } = await inPod(t, "t");
    const stranger = await createAuthority(t);
    const ours = join(directory, "ca.crt");
    const right = await readFile(ours, "utf8");
    await writeFile(ours, stranger.cert);
    const access = await findAccess({ env, serviceAccountDirectory: directory });
    const api = openKubernetesApi({ host, access });
    t.after(() => api.close());
    await assert.rejects(api.get(leases), isRefusal(0, /certificate|issuer/i));
    await writeFile(ours, right);
    await api.get(leases);
  });

  test("is the current context of a kubeconfig, with its authority and a file for the token", async (t) => {
    const { authority, server, directory } = await inPod(t, "kube");
    const file = join(directory, "config");
    await writeFile(
      file,
      `apiVersion: v1
kind: Config
current-context: here
contexts:
  - { name: there, context: { cluster: none, user: none } }
  - { name: here, context: { cluster: local, user: me, namespace: shop } }
clusters:
  - { name: local, cluster: { server: "${server.url}", certificate-authority: ca.crt } }
users:
  - { name: me, user: { tokenFile: token } }
`,
    );
    const api = await open(t, { KUBECONFIG: `${file}:` });
    assert.equal(api.namespace, "shop");
    await api.get(leases);
    const data = Buffer.from(authority.cert).toString("base64");
    await writeFile(
      file,
      JSON.stringify({
        "current-context": "x",
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: `${server.url}/`, "certificate-authority-data": data } }],
        users: [{ name: "u", user: { token: "kube" } }],
      }),
    );
    await (await open(t, { KUBECONFIG: file })).get(leases);
  });

  test("by a client certificate shows it", async (t) => {
    const authority = await createAuthority(t);
    const { directory } = authority;
    const [own, client] = [await authority.issue("api"), await authority.issue("client")];
    const list = JSON.stringify({ items: [], metadata: { resourceVersion: "1" } });
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${list.length}\r\nconnection: close\r\n\r\n${list}`;
    await mkdir(join(directory, "api", "v1"), { recursive: true });
    await writeFile(join(directory, "api", "v1", "services"), answer);
    const port = await freePort();
    const files = ["-cert", own.certFile, "-key", own.keyFile, "-CAfile", authority.certFile];
    const args = [
      "s_server",
      "-accept",
      `127.0.0.1:${port}`,
      "-Verify",
      "1",
      "-verify_return_error",
      "-HTTP",
      "-quiet",
    ];
    const server = spawn("openssl", [...args, ...files], { cwd: directory, stdio: "ignore" });
    t.after(() => server.kill("SIGKILL"));
    const config = (user: object): string =>
      JSON.stringify(
        configWith(user, {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority": authority.certFile,
        }),
      );
    const file = join(directory, "config");
    await writeFile(file, config({ "client-certificate": client.certFile, "client-key": client.keyFile }));
    await eventually(async () => (await open(t, { KUBECONFIG: file })).get("/api/v1/services"));
    await writeFile(file, config({}));
    await assert.rejects((await open(t, { KUBECONFIG: file })).get("/api/v1/services"), KubernetesError);
  });

  const broken: Readonly<Record<string, { readonly config: object; readonly message: RegExp }>> = {
    "a user whose token a program makes": {
      config: configWith({ exec: { command: "aws" } }),
      message: /by a program \(exec\), and we run none.*kubectl create token/,
    },
    "an old provider of tokens": {
      config: configWith({ "auth-provider": { name: "gcp" } }),
      message: /auth-provider/,
    },
    "a password": { config: configWith({ username: "a", password: "b" }), message: /no longer take/ },
    "no current context": { config: {}, message: /names no current-context/ },
    "a context that is not there": { config: { "current-context": "x" }, message: /has no context "x"/ },
    "a server that is no URL": {
      config: configWith({}, { server: "10.0.0.1" }),
      message: /its server must be https:\/\/host:port/,
    },
  };
  for (const [what, { config, message }] of Object.entries(broken)) {
    test(`by ${what} is refused in words`, async (t) => {
      const { directory } = await createAuthority(t);
      const file = join(directory, "config");
      await writeFile(file, JSON.stringify(config));
      await assert.rejects(findAccess({ env: { KUBECONFIG: file } }), message);
    });
  }

  test("that is nowhere is told with all the places where it was looked for", async (t) => {
    const { directory } = await createAuthority(t);
    await assert.rejects(
      findAccess({ env: { HOME: directory } }),
      /we run in no pod, there is no ".*\/\.kube\/config", and neither KUBECONFIG nor HEADGATE_KUBERNETES_URL/,
    );
  });
});

function configWith(user: object, cluster: object = { server: "https://127.0.0.1:1" }): object {
  return {
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
  };
}
