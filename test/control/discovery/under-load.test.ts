import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { sliceOf, slices } from "../../kit/discovery.ts";
import { startDnsServer } from "../../kit/dns-server.ts";
import { eventually, pause } from "../../kit/eventually.ts";
import { type KubernetesApiServer, startKubernetesApi } from "../../kit/kubernetes-api.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { type Answered, askMany, type Question } from "../../resilience/ask.ts";
import { type CountingServer, ok, type Reply, startCounting } from "../../resilience/counting-server.ts";

const limit = { timeout: 60_000 };

/** What is promised: a change is in force within this time of the event, ms. */
const soonMs = 1_000;

/** Takes a little time, so that requests are under way when a server leaves. */
const busy: Reply = async (talk, request) => {
  await pause(4);
  await ok()(talk, request);
};

/** Asks on 16 connections until it is stopped; half of the requests must not be sent twice, and none is retried. */
function startAsking(t: Teardown, port: number): { stop: () => Promise<Answered[]> } {
  const over = new AbortController();
  function* questions(): Generator<Question> {
    for (let asked = 0; !over.signal.aborted; asked++)
      yield asked % 2 === 0 ? {} : { method: "POST", body: "x", fields: { "content-length": "1" } };
  }
  const answers = askMany(t, port, { connections: 16, questions: questions() });
  return {
    stop() {
      over.abort();
      return answers;
    },
  };
}

function failuresIn(answers: readonly Answered[]): string[] {
  return answers
    .filter(({ status, isWhole }) => status !== 200 || !isWhole)
    .map(({ status, body }) => `${status} ${body}`);
}

/** Waits for `soonMs` and says when the server was last asked, ms after the event. */
async function lastAskedMs(server: CountingServer, eventAt: number): Promise<number> {
  let [count, lastAt] = [server.count(), eventAt];
  while (performance.now() - eventAt < soonMs + 500) {
    await pause(5);
    if (server.count() === count) continue;
    count = server.count();
    lastAt = performance.now();
  }
  return lastAt - eventAt;
}

async function firstAskedMs(server: CountingServer, eventAt: number): Promise<number> {
  await eventually(() => server.count() > 0);
  return performance.now() - eventAt;
}

interface Pod {
  readonly name: string;
  readonly server: CountingServer;
}

async function startPod(t: Teardown, number: number): Promise<Pod> {
  return { name: `app-${number}`, server: await startCounting(t, busy) };
}

function enter(api: KubernetesApiServer, { name, server }: Pod): void {
  api.put(slices, sliceOf(name, server.port, [{ address: "127.0.0.1", pod: name }]));
}

describe("while requests run", () => {
  for (const workers of [1, 2]) {
    test(
      `over ${workers} workers, pods are replaced one by one: each change holds within 1 s, no request is lost`,
      limit,
      async (t) => {
        const api = await startKubernetesApi(t);
        const pods = await Promise.all([0, 1, 2].map((number) => startPod(t, number)));
        for (const pod of pods) enter(api, pod);
        const discover = { kubernetes: { service: "shop/app", port: "http" } };
        const upstream = {
          balance: "round-robin",
          discover,
          retry: { attempts: 0 },
          health: { passive: "off" },
        };
        const config = { workers, upstreams: { app: upstream }, routes: [{ path: "/*", upstream: "app" }] };
        const env = { HEADGATE_KUBERNETES_URL: api.url };
        const proxy = await startProxy(t, { ...config, accessLog: { format: "off" } }, { env });
        const asking = startAsking(t, proxy.port);
        const times: number[] = [];
        for (let number = 3; number < 6; number++) {
          const fresh = await startPod(t, number);
          const enteredAt = performance.now();
          enter(api, fresh);
          times.push(await firstAskedMs(fresh.server, enteredAt));
          pods.push(fresh);
          const old = pods.shift() as Pod;
          const leftAt = performance.now();
          api.remove(slices, `shop/${old.name}`);
          times.push(await lastAskedMs(old.server, leftAt));
          await old.server.stop();
        }
        const answers = await asking.stop();
        assert.deepEqual(failuresIn(answers), []);
        assert.ok(answers.length > 300, `${answers.length} answers`);
        assert.ok(Math.max(...times) < soonMs, `changes took ${times.map(Math.round).join(", ")} ms`);
      },
    );
  }

  test("a name server that gives other addresses every time loses no request", limit, async (t) => {
    const pods = await Promise.all([0, 1, 2, 3].map((number) => startPod(t, number)));
    const all = pods.map(({ server }) => ({
      type: "SRV" as const,
      value: `1 1 ${server.port} a.test`,
      ttl: 1,
    }));
    const service = "_http._tcp.app.test";
    const dns = await startDnsServer(t, { [service]: all, "a.test": [{ type: "A", value: "127.0.0.1" }] });
    const discover = { dns: { name: service, interval: "100ms", nameServers: [dns.address] } };
    const upstream = { balance: "least-connections", discover, retry: { attempts: 0 } };
    const config = { workers: 2, upstreams: { app: upstream }, routes: [{ path: "/*", upstream: "app" }] };
    const proxy = await startProxy(t, { ...config, accessLog: { format: "off" } });
    const asking = startAsking(t, proxy.port);
    for (let turn = 0; turn < 20; turn++) {
      dns.set(
        service,
        all.filter((_, index) => (index + turn) % 4 > 1),
      );
      await pause(100);
    }
    const answers = await asking.stop();
    assert.deepEqual(failuresIn(answers), []);
    const changes = proxy.logs().match(/servers found/g)?.length ?? 0;
    assert.ok(changes < 8, `the pool changed ${changes} times for 20 answers`);
  });
});
