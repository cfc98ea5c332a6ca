import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readObject } from "../../../../src/control/gateway/objects.ts";
import { StatusWriter } from "../../../../src/control/gateway/status/status-writer.ts";
import type { WantedStatus } from "../../../../src/control/gateway/status/statuses.ts";
import { watchedKinds } from "../../../../src/control/gateway/watch/watched-kinds.ts";
import { findAccess } from "../../../../src/control/kubernetes/find-access.ts";
import { openKubernetesApi } from "../../../../src/control/kubernetes/api.ts";
import { createLog } from "../../../../src/control/log.ts";
import { host } from "../../../../src/runtime/current.ts";
import { eventually } from "../../../kit/eventually.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../../kit/kubernetes-api.ts";
import type { Teardown } from "../../../kit/teardown.ts";

const { path } = watchedKinds.GatewayClass;

interface TestWriter {
  readonly writer: StatusWriter;
  readonly log: readonly string[];
}

async function startWriter(
  t: Teardown,
  api: KubernetesApiServer,
  isHolder = () => true,
): Promise<TestWriter> {
  const access = await findAccess({ env: { HEADGATE_KUBERNETES_URL: api.url } });
  const client = openKubernetesApi({ host, access });
  const log: string[] = [];
  const writer = new StatusWriter({
    api: client,
    host,
    log: createLog({ write: (line) => void log.push(line), now: () => 0 }),
    isHolder,
  });
  t.after(() => {
    writer.stop();
    client.close();
  });
  return { writer, log };
}

/** Puts a class, and says what its status should be. */
function wantOf(api: KubernetesApiServer, message = "fine"): WantedStatus {
  const name = "headgate";
  if (!api.object(path, name)) api.put(path, { metadata: { name }, spec: { controllerName: "a/b" } });
  const read = readObject("GatewayClass", api.object(path, name));
  if ("fault" in read) throw new Error(read.fault);
  const conditions = [{ type: "Accepted", status: "True", reason: "Accepted", message }] as const;
  return { kind: "GatewayClass", object: read.object, status: { conditions, supportedFeatures: [] } };
}

function messageAt(api: KubernetesApiServer): string | undefined {
  const { conditions = [] } = (api.object(path, "headgate")?.["status"] ?? {}) as {
    conditions?: { message: string }[];
  };
  return conditions[0]?.message;
}

const puts = ({ requests }: KubernetesApiServer): number =>
  requests.filter((one) => one.startsWith("PUT")).length;

describe("a status", () => {
  test("is written once where it says something else, and not again", async (t) => {
    const api = await startKubernetesApi(t);
    const { writer } = await startWriter(t, api);
    writer.want([wantOf(api)]);
    await eventually(() => messageAt(api) === "fine");
    writer.want([wantOf(api)]);
    writer.want([wantOf(api, "still fine")]);
    await eventually(() => messageAt(api) === "still fine");
    assert.equal(puts(api), 2);
  });

  test("is written by its holder only, from when on it is one", async (t) => {
    const api = await startKubernetesApi(t);
    const holder = { isUs: false };
    const { writer } = await startWriter(t, api, () => holder.isUs);
    writer.want([wantOf(api)]);
    await eventually(() => api.requests.length === 0);
    holder.isUs = true;
    writer.look();
    await eventually(() => messageAt(api) === "fine");
  });

  test("that somebody else changes at the same time is read anew and written then", async (t) => {
    const api = await startKubernetesApi(t);
    const { writer, log } = await startWriter(t, api);
    const wanted = wantOf(api);
    api.answerNext(undefined, { status: 409, body: '{"reason":"Conflict"}' });
    writer.want([wanted]);
    await eventually(() => messageAt(api) === "fine");
    assert.deepEqual(log, []);
  });

  test("that cannot be written is tried again, and told of once", async (t) => {
    const api = await startKubernetesApi(t);
    const { writer, log } = await startWriter(t, api);
    const wanted = wantOf(api);
    api.answerNext({ status: 500 }, { status: 500 });
    writer.want([wanted]);
    await eventually(() => messageAt(api) === "fine", 10_000);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? "", /statuses cannot be written/);
  });

  test("of an object that is gone is nobody's concern", async (t) => {
    const api = await startKubernetesApi(t);
    const { writer, log } = await startWriter(t, api);
    const wanted = wantOf(api);
    api.remove(path, "headgate");
    writer.want([wanted]);
    await eventually(() => api.requests.length > 0);
    assert.equal(puts(api), 0);
    assert.deepEqual(log, []);
  });

  test("of a later generation than was looked at is left for the next look", async (t) => {
    const api = await startKubernetesApi(t);
    const { writer } = await startWriter(t, api);
    const wanted = wantOf(api);
    api.put(path, { metadata: { name: "headgate" }, spec: { controllerName: "c/d" } });
    writer.want([wanted]);
    await eventually(() => api.requests.length > 0);
    assert.equal(puts(api), 0);
    writer.want([wantOf(api, "seen")]);
    await eventually(() => messageAt(api) === "seen");
  });
});
