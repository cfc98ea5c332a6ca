import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { LeaseElection } from "../../../../src/control/gateway/watch/lease-election.ts";
import { findAccess } from "../../../../src/control/kubernetes/find-access.ts";
import { openKubernetesApi } from "../../../../src/control/kubernetes/api.ts";
import { createLog } from "../../../../src/control/log.ts";
import { host } from "../../../../src/runtime/current.ts";
import type { Time } from "../../../../src/runtime/host.ts";
import { eventually, pause } from "../../../kit/eventually.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../../kit/kubernetes-api.ts";
import type { Teardown } from "../../../kit/teardown.ts";

const collection = "/apis/coordination.k8s.io/v1/leases";
const key = "headgate/a-lease";

/** Time that runs so many times as fast. */
const fast = 40;
const time: Time = {
  ...host.time,
  monotonicMs: () => host.time.monotonicMs() * fast,
  after: (delayMs, run) => host.time.after(delayMs / fast, run),
};

interface Candidate {
  readonly election: LeaseElection;
  /** What it heard. */
  readonly turns: readonly boolean[];
  /** Ends without a word, as a killed process would. */
  readonly kill: () => void;
}

async function stand(t: Teardown, api: KubernetesApiServer, identity: string): Promise<Candidate> {
  const env = { HEADGATE_KUBERNETES_URL: api.url, HEADGATE_KUBERNETES_NAMESPACE: "headgate" };
  const client = openKubernetesApi({ host, access: await findAccess({ env }) });
  let isDead = false;
  const never = new Promise<never>(() => {});
  const mortal = new Proxy(client, {
    get: (target, name) =>
      isDead
        ? () => never
        : (Reflect.get(target, name, target)?.bind?.(target) ?? Reflect.get(target, name, target)),
  });
  const turns: boolean[] = [];
  const election = new LeaseElection({
    api: mortal,
    host: { time, random: () => 0 },
    log: createLog({ write: () => {}, now: () => 0 }),
    name: "a-lease",
    identity,
    changed: (isHolder) => void turns.push(isHolder),
  });
  void election.run();
  t.after(async () => {
    isDead = true;
    void election.stop();
    client.close();
  });
  return { election, turns, kill: () => void (isDead = true) };
}

function specOf(api: KubernetesApiServer): Record<string, unknown> {
  return (api.object(collection, key)?.["spec"] ?? {}) as Record<string, unknown>;
}

describe("a lease", () => {
  test("is held by one of several, however many want it at once", async (t) => {
    const api = await startKubernetesApi(t);
    const names = ["a", "b", "c"];
    const all = await Promise.all(names.map((name) => stand(t, api, name)));
    await eventually(() => all.some(({ election }) => election.isHolder));
    for (let look = 0; look < 20; look++) {
      assert.equal(all.filter(({ election }) => election.isHolder).length, 1);
      await pause(10);
    }
    assert.ok(names.includes(String(specOf(api)["holderIdentity"])));
    assert.equal(specOf(api)["leaseTransitions"], 0);
    assert.match(String(specOf(api)["renewTime"]), /^\d{4}-.*\.\d{6}Z$/);
  });

  test("is renewed by its holder, and keeps when it was acquired", async (t) => {
    const api = await startKubernetesApi(t);
    await stand(t, api, "a");
    const first = await eventually(() => (specOf(api)["holderIdentity"] === "a" ? specOf(api) : false));
    await eventually(() => specOf(api)["renewTime"] !== first["renewTime"]);
    assert.equal(specOf(api)["acquireTime"], first["acquireTime"]);
    assert.equal(specOf(api)["leaseTransitions"], 0);
  });

  test("that is given back is taken at the next look", async (t) => {
    const api = await startKubernetesApi(t);
    const first = await stand(t, api, "a");
    await eventually(() => first.election.isHolder);
    const second = await stand(t, api, "b");
    await first.election.stop();
    assert.deepEqual(first.turns, [true, false]);
    await eventually(() => second.election.isHolder);
    assert.equal(specOf(api)["leaseTransitions"], 1);
  });

  test("of a holder that died runs out after 15 seconds, and not before", async (t) => {
    const api = await startKubernetesApi(t);
    const first = await stand(t, api, "a");
    await eventually(() => first.election.isHolder);
    const second = await stand(t, api, "b");
    first.kill();
    const diedMs = time.monotonicMs();
    await eventually(() => second.election.isHolder);
    const tookMs = time.monotonicMs() - diedMs;
    assert.ok(tookMs >= 13_000, `after ${tookMs} ms`); // it may have looked just before
    assert.equal(specOf(api)["holderIdentity"], "b");
  });

  test("is given up by a holder that cannot renew it, before another may take it", async (t) => {
    const api = await startKubernetesApi(t);
    const { election, turns } = await stand(t, api, "a");
    await eventually(() => election.isHolder);
    await api.stop();
    const goneMs = time.monotonicMs();
    await eventually(() => !election.isHolder);
    assert.ok(time.monotonicMs() - goneMs < 15_000);
    await api.start();
    await eventually(() => election.isHolder);
    assert.deepEqual(turns, [true, false, true]);
  });

  test("that somebody else took in between is not ours", async (t) => {
    const api = await startKubernetesApi(t);
    const { election } = await stand(t, api, "a");
    await eventually(() => election.isHolder);
    const lease = api.object(collection, key);
    assert.ok(lease);
    api.put(collection, { ...lease, spec: { ...specOf(api), holderIdentity: "thief" } });
    await eventually(() => !election.isHolder);
  });
});
