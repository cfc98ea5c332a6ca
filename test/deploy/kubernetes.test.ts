import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problem.ts";
import { leaseName } from "../../src/control/gateway/start-gateway.ts";
import { controllerName } from "../../src/control/gateway/translate.ts";
import { watchedKinds } from "../../src/control/gateway/watch/watched-kinds.ts";
import { run as runCommand } from "../../src/cli/run.ts";
import { eventually } from "../kit/eventually.ts";
import { runProgram } from "../kit/start-proxy.ts";
import type { Teardown } from "../kit/teardown.ts";
import { buildKustomization, filesOf, type Manifest, objectOf } from "./kustomize.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const directories = ["deploy/kubernetes/base", "deploy/kubernetes/gateway"];

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly valueFrom: Readonly<Record<string, object>> }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
  }[];
  readonly [probe: string]: unknown;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
  readonly topologySpreadConstraints: readonly {
    readonly topologyKey: string;
    readonly labelSelector: object;
  }[];
}

const labels = { "app.kubernetes.io/name": "headgate" };

for (const directory of directories) {
  describe(directory, () => {
    const objects = buildKustomization(directory);
    const spec = (kind: string, name = "headgate") =>
      objectOf(objects, kind, name)["spec"] as Record<string, unknown>;
    const pod = (): PodSpec => (spec("Deployment")["template"] as { spec: PodSpec }).spec;
    const container = (): Container => pod().containers[0];
    const configText = (): string =>
      (objectOf(objects, "ConfigMap", "headgate")["data"] as Record<string, string>)["config.yaml"] ?? "";

    test("leaves no file out", () => {
      const { files, named } = filesOf(directory);
      assert.deepEqual(files, named);
    });

    test("has each object once, in the namespace if it has one", () => {
      const clusterWide = new Set(["Namespace", "ClusterRole", "ClusterRoleBinding", "GatewayClass"]);
      const names = objects.map(
        ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
      );
      assert.equal(new Set(names).size, names.length);
      for (const { kind, metadata } of objects) {
        assert.equal(
          metadata.namespace,
          clusterWide.has(kind) ? undefined : "headgate",
          `${kind} ${metadata.name}`,
        );
      }
    });

    test("selects the pods that it makes, and no others", () => {
      const { selector, template } = spec("Deployment") as {
        selector: { matchLabels: object };
        template: { metadata: { labels: object } };
      };
      const selectors = [
        template.metadata.labels,
        selector.matchLabels,
        spec("Service")["selector"],
        spec("Service", "headgate-admin")["selector"],
        (spec("PodDisruptionBudget")["selector"] as typeof selector).matchLabels,
        (spec("NetworkPolicy")["podSelector"] as typeof selector).matchLabels,
        ...pod().topologySpreadConstraints.map(
          ({ labelSelector }) => (labelSelector as typeof selector).matchLabels,
        ),
      ];
      for (const found of selectors) assert.deepEqual(found, labels);
      assert.deepEqual(
        pod().topologySpreadConstraints.map(({ topologyKey }) => topologyKey),
        ["topology.kubernetes.io/zone", "kubernetes.io/hostname"],
      );
    });

    test("names only what is there: ports, volumes, the account and its roles", () => {
      const ports = container().ports.map(({ name }) => name);
      const services = ["headgate", "headgate-admin"].flatMap(
        (name) => spec("Service", name)["ports"] as Record<string, string>[],
      );
      const policy = (spec("NetworkPolicy")["ingress"] as { ports: { port: string }[] }[]).flatMap(
        (rule) => rule.ports,
      );
      const probes = ["startupProbe", "readinessProbe", "livenessProbe"].map(
        (probe) => (container()[probe] as { httpGet: { port: string } }).httpGet,
      );
      const used = [
        ...services.map(({ targetPort }) => targetPort),
        ...[...policy, ...probes].map(({ port }) => port),
      ];
      assert.deepEqual(new Set(used), new Set(ports));
      assert.deepEqual(
        container().volumeMounts.map(({ name }) => name),
        pod().volumes.map(({ name }) => name),
      );
      assert.ok(objectOf(objects, "ServiceAccount", pod().serviceAccountName));
      for (const binding of objects.filter(({ kind }) => kind.endsWith("RoleBinding"))) {
        const { kind, name } = binding["roleRef"] as Record<"kind" | "name", string>;
        assert.ok(objectOf(objects, kind, name));
        const account = { kind: "ServiceAccount", name: pod().serviceAccountName, namespace: "headgate" };
        assert.deepEqual(binding["subjects"], [account]);
      }
      const { scaleTargetRef } = spec("HorizontalPodAutoscaler") as {
        scaleTargetRef: Record<string, string>;
      };
      assert.deepEqual(scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "headgate" });
    });

    test("starts the program with options that it has", () => {
      const [command, ...args] = container().args;
      assert.equal(command, runCommand.name);
      const options = args.filter((arg) => arg.startsWith("--")).map((arg) => arg.slice(2));
      assert.deepEqual(
        options.filter((option) => !(option in runCommand.options)),
        [],
      );
      assert.ok(options.includes("watch"));
    });

    test("mounts the whole directory of the ConfigMap: by a subPath it would never change", () => {
      const { args, volumeMounts } = container();
      const mount = volumeMounts.find(({ name }) => name === "config");
      assert.deepEqual(mount, { name: "config", mountPath: "/etc/headgate", readOnly: true });
      assert.equal(args[args.indexOf("--config") + 1], "/etc/headgate/config.yaml");
      const volume = pod().volumes.find(({ name }) => name === "config");
      assert.deepEqual(volume, { name: "config", configMap: { name: "headgate" } });
      assert.notEqual(configText(), "");
    });

    test("stops without cutting anybody: preStop, grace and drain end before the pod does", () => {
      const purpose = directory.endsWith("gateway") ? "base" : "program";
      const loaded = loadConfig(configText(), {
        file: "config.yaml",
        env: { HEADGATE_TOKEN: "secret" },
        purpose,
      });
      assert.deepEqual("problems" in loaded ? loaded.problems.map(describeProblem) : [], []);
      assert.ok("config" in loaded);
      const { grace, drain } = loaded.config.shutdown;
      const preStopMs = container().lifecycle.preStop.sleep.seconds * 1000;
      assert.ok(preStopMs >= 5_000);
      assert.ok(preStopMs + grace + drain < pod().terminationGracePeriodSeconds * 1000);
    });

    test("gives the program no more rights than it needs", () => {
      const { runAsNonRoot, runAsUser, seccompProfile } = pod().securityContext;
      assert.deepEqual([runAsNonRoot, seccompProfile], [true, { type: "RuntimeDefault" }]);
      assert.ok(Number(runAsUser) > 0);
      assert.deepEqual(container().securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const roles = objects.filter(({ kind }) => kind === "Role" || kind === "ClusterRole");
      const rules = roles.flatMap(
        (role) => role["rules"] as Record<"apiGroups" | "resources" | "verbs", string[]>[],
      );
      for (const { apiGroups, resources, verbs } of rules) {
        assert.ok(![...apiGroups, ...resources, ...verbs].includes("*"));
        const writes = verbs.filter((verb) => !["get", "list", "watch"].includes(verb));
        const isOurs = resources.every((resource) => resource.endsWith("/status") || resource === "leases");
        assert.ok(writes.length === 0 || isOurs, `${resources.join()}: ${writes.join()}`);
      }
    });
  });
}

/** Where the types of each kind are; those of the Gateway API's own objects are not among them. */
const types: Readonly<Record<string, string>> = {
  Namespace: "core/v1",
  ServiceAccount: "core/v1",
  Service: "core/v1",
  ConfigMap: "core/v1",
  Deployment: "apps/v1",
  Role: "rbac/v1",
  RoleBinding: "rbac/v1",
  ClusterRole: "rbac/v1",
  ClusterRoleBinding: "rbac/v1",
  PodDisruptionBudget: "policy/v1",
  HorizontalPodAutoscaler: "autoscaling/v2",
  NetworkPolicy: "networking/v1",
};

/** What the compiler says of objects that are written out as values of their types. */
async function checkTypes(t: Teardown, objects: readonly Manifest[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-manifests-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const values = objects.map(
    (object, index) =>
      `export const object${index}: import("kubernetes-types/${types[object.kind]}").${object.kind} = ${JSON.stringify(object)};`,
  );
  await writeFile(join(directory, "manifests.ts"), values.join("\n"));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    module: "esnext",
    moduleResolution: "bundler",
    paths: { "kubernetes-types/*": [join(root, "node_modules/kubernetes-types/*")] },
  };
  await writeFile(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["manifests.ts"] }),
  );
  const compiler = join(root, "node_modules/.bin/tsc");
  return run(compiler, ["-p", directory]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

describe("all objects", () => {
  const all = directories.flatMap((directory) => buildKustomization(directory));
  const typed = all.filter(({ kind }) => kind !== "GatewayClass");

  test("have the keys that Kubernetes knows, with values of the right types", async (t) => {
    assert.equal(await checkTypes(t, typed), "");
  });

  test("would be found out if they had not", async (t) => {
    const [first] = typed;
    const misspelt = { ...objectOf(typed.slice(0, typed.length / 2), "Service", "headgate"), sepc: {} };
    const said = await checkTypes(t, [first!, misspelt]);
    assert.match(said, /sepc.* does not exist in type 'Service'/);
  });
});

for (const [name, args] of [
  ["base", []],
  ["gateway", ["--gateway"]],
] as const) {
  test(`the configuration of ${name} passes headgate check ${args.join("")}`, async (t) => {
    const file = join(root, `deploy/kubernetes/${name}/config.yaml`);
    const program = runProgram(t, ["check", "-c", file, ...args], { env: { HEADGATE_TOKEN: "a secret" } });
    assert.equal(await program.exited, 0, program.logs());
  });
}

describe("a ConfigMap in a volume", () => {
  const config = (answer: string): string => `
listeners: { web: { bind: "127.0.0.1:0" } }
admin: { bind: "127.0.0.1:0" }
storage: off
routes: [{ path: /*, respond: { body: "${answer}" } }]`;

  /** Brings a new version into a volume as the kubelet does: a directory of its own, and a link that is swapped at once. */
  async function bring(volume: string, version: string, text: string): Promise<void> {
    await mkdir(join(volume, version));
    await writeFile(join(volume, version, "config.yaml"), text);
    await symlink(version, join(volume, "..data_tmp"));
    await rename(join(volume, "..data_tmp"), join(volume, "..data"));
  }

  test(
    "is taken in when it changes, again and again, and kept where it is not valid",
    { timeout: 30_000 },
    async (t) => {
      const volume = await mkdtemp(join(tmpdir(), "headgate-volume-"));
      t.after(() => rm(volume, { recursive: true, force: true }));
      await bring(volume, "..2026_1", config("one"));
      await symlink(join("..data", "config.yaml"), join(volume, "config.yaml"));
      const program = runProgram(t, ["run", "--config", join(volume, "config.yaml"), "--watch"]);
      const url = await eventually(
        () => / info listening .*url=(http\S+)/.exec(program.logs())?.[1] ?? false,
        20_000,
      );
      const ask = async (): Promise<string> => (await fetch(url)).text();
      assert.equal(await ask(), "one");
      await bring(volume, "..2026_2", config("two"));
      await rm(join(volume, "..2026_1"), { recursive: true }); // as the kubelet does afterwards
      await eventually(async () => (await ask()) === "two");
      await bring(volume, "..2026_3", "routes: nonsense");
      await eventually(() => /error .*routes/.test(program.logs()));
      assert.equal(await ask(), "two");
      await bring(volume, "..2026_4", config("four"));
      await eventually(async () => (await ask()) === "four");
    },
  );
});

describe("the image", () => {
  test("is the same that deploy/docker builds, of this version", async () => {
    const { version } = (await import("../../package.json", { with: { type: "json" } })).default;
    for (const directory of directories) {
      const deployment = objectOf(buildKustomization(directory), "Deployment", "headgate");
      const { template } = deployment["spec"] as { template: { spec: PodSpec } };
      assert.equal(template.spec.containers[0].image, `headgate:${version}`);
    }
  });
});

describe("the Gateway API's kustomization", () => {
  const objects = buildKustomization("deploy/kubernetes/gateway");

  test("has a class of ours, which the program is told to serve", () => {
    const gatewayClass = objectOf(objects, "GatewayClass", "headgate");
    assert.deepEqual(gatewayClass["spec"], { controllerName });
  });

  test("may hold the lease that the program wants to hold, and no other", () => {
    const role = objectOf(objects, "Role", "headgate-lease") as Manifest & {
      rules: { resourceNames?: string[] }[];
    };
    assert.deepEqual(
      role.rules.flatMap(({ resourceNames = [] }) => resourceNames),
      [leaseName("headgate")],
    );
  });

  test("may watch every kind that routing depends on, and write the statuses that we write", () => {
    const { rules } = objectOf(objects, "ClusterRole", "headgate-gateway") as Manifest & {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    };
    const allowed = new Set(
      rules.flatMap(({ apiGroups: [group = ""], resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    );
    const wanted = Object.values(watchedKinds).flatMap(({ path }) => {
      const [, group = "", resource = ""] = /^(?:\/api|\/apis\/([^/]+))\/[^/]+\/([^/]+)$/.exec(path) ?? [];
      return ["get", "list", "watch"].map((verb) => `${verb} ${group}/${resource}`);
    });
    const statuses = ["gatewayclasses", "gateways", "httproutes"].map(
      (resource) => `update gateway.networking.k8s.io/${resource}/status`,
    );
    assert.deepEqual(allowed, new Set([...wanted, ...statuses]));
  });

  test("opens the ports of Gateways without root", () => {
    const { template } = objectOf(objects, "Deployment", "headgate")["spec"] as {
      template: { spec: PodSpec };
    };
    const { sysctls } = template.spec.securityContext as { sysctls: Record<"name" | "value", string>[] };
    const least = Math.min(...template.spec.containers[0].ports.map(({ containerPort }) => containerPort));
    assert.deepEqual(sysctls, [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(least) }]);
    const ports = objectOf(objects, "Service", "headgate") as Manifest & {
      spec: { ports: { name: string; port: number }[] };
    };
    const open = new Map(
      template.spec.containers[0].ports.map(({ name, containerPort }) => [name, containerPort]),
    );
    for (const { name, port } of ports.spec.ports) assert.equal(open.get(name), port);
  });
});
