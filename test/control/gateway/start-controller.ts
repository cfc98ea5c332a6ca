import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Kind } from "../../../src/control/gateway/objects.ts";
import { type Gateway, openGateway } from "../../../src/control/gateway/start-gateway.ts";
import { watchedKinds } from "../../../src/control/gateway/watch/watched-kinds.ts";
import type { Headgate } from "../../../src/control/headgate.ts";
import { createLog } from "../../../src/control/log.ts";
import { host } from "../../../src/runtime/current.ts";
import type { Host } from "../../../src/runtime/host.ts";
import type { KubernetesApiServer } from "../../kit/kubernetes-api.ts";
import type { PlainObject } from "../../kit/kubernetes-objects.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { type ApiObject, readDocuments } from "./read-cluster.ts";

/** A node of the Gateway API that runs in this process until the test ends. */
export interface TestController {
  readonly gateway: Gateway;
  readonly headgate: Headgate;
  /** What its log says so far. */
  readonly log: readonly string[];
}

/** How a node is started. */
export interface ControllerOptions {
  readonly identity?: string;
  /** The text of its base; default: no admin, nothing stored. */
  readonly base?: string;
  readonly service?: string;
  readonly host?: Partial<Host>;
}

const quiet =
  "admin: { bind: off }\nstorage: off\nlimits: { shed: { enabled: false } }\naccessLog: { format: off }\n";

/** Starts a node on the objects of an API server. */
export async function startController(
  t: Teardown,
  api: KubernetesApiServer,
  { identity = "node-1", base = "", service, host: parts = {} }: ControllerOptions = {},
): Promise<TestController> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-gateway-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "config.yaml");
  await writeFile(file, quiet + base);
  const log: string[] = [];
  const gateway = await openGateway({
    host: { ...host, ...parts },
    log: createLog({ write: (line) => void log.push(line), now: () => Date.now() }),
    env: { HEADGATE_KUBERNETES_URL: api.url, HEADGATE_KUBERNETES_NAMESPACE: "headgate" },
    className: "headgate",
    file,
    service,
    identity,
    workerCount: 1,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    const stopped = gateway.stop();
    await headgate.stop();
    await stopped;
  };
  const headgate = await gateway.start();
  t.after(stop);
  return { gateway, headgate, log };
}

/** Puts objects where an API server keeps them. */
export function putObjects(api: KubernetesApiServer, objects: readonly ApiObject[]): void {
  for (const { metadata, ...object } of objects) {
    const { namespace, ...named } = metadata;
    const place = namespace === "" || namespace === undefined ? named : { ...named, namespace };
    api.put(watchedKinds[object.kind as Kind].path, { ...object, metadata: place });
  }
}

/** The same for the objects of a text. */
export function putText(api: KubernetesApiServer, text: string): void {
  putObjects(api, readDocuments(text));
}

/** An object as it is now. */
export function objectAt(api: KubernetesApiServer, kind: Kind, key: string): PlainObject {
  const found = api.object(watchedKinds[kind].path, key);
  if (!found) throw new Error(`There is no ${kind} ${key}`);
  return found;
}

/** A condition in an object's status, or in one of its listeners or parents. */
export interface StatusCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

interface AnyStatus {
  readonly conditions?: readonly StatusCondition[];
  readonly listeners?: readonly { readonly name: string; readonly conditions: readonly StatusCondition[] }[];
  readonly parents?: readonly {
    readonly controllerName: string;
    readonly conditions: readonly StatusCondition[];
  }[];
}

/** All conditions that an object has, wherever they stand. */
export function conditionsOf(object: PlainObject): StatusCondition[] {
  const { conditions = [], listeners = [], parents = [] } = (object["status"] ?? {}) as AnyStatus;
  return [...conditions, ...[...listeners, ...parents].flatMap((part) => part.conditions)];
}
