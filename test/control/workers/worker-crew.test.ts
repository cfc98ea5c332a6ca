import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createLog } from "../../../src/control/log.ts";
import { start } from "../../../src/control/start.ts";
import {
  spawnWorkerThread,
  type SpawnWorker,
  type WorkerThread,
} from "../../../src/control/workers/worker-thread.ts";
import { host } from "../../../src/runtime/current.ts";
import { eventually } from "../../kit/eventually.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

const base = {
  listeners: { web: { bind: "127.0.0.1:0" } },
  accessLog: { format: "off" },
  admin: { bind: "127.0.0.1:0" },
  shutdown: { drain: "100ms" },
};

interface Status {
  workers: number;
  upstreams: { servers: { inflight: number }[] }[];
}

async function startCrewOfTwo(
  t: Teardown,
  config: Record<string, unknown>,
  spawn: SpawnWorker = spawnWorkerThread,
) {
  const lines: string[] = [];
  const threads: WorkerThread[] = [];
  const value = { ...base, ...config };
  const headgate = await start(
    { value },
    {
      host,
      env: {},
      log: createLog({ write: (line) => lines.push(line), now: () => host.time.now() }),
      workerCount: 2,
      spawn: (events) => {
        const thread = spawn(events);
        threads.push(thread);
        return thread;
      },
    },
  );
  t.after(() => headgate.stop());
  return {
    headgate,
    threads,
    logs: () => lines.join(""),
    url: `http://127.0.0.1:${headgate.addresses[0]?.port}`,
    status: async () => (await (await fetch(`${headgate.adminUrl}/api/status`)).json()) as Status,
  };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url, { headers: { connection: "close" } })).text();
}

describe("worker crew", () => {
  test("starts a worker anew that died, and takes what it held off the board", limit, async (t) => {
    const server = await startServer(t, () => {});
    const { threads, logs, url, status } = await startCrewOfTwo(t, {
      upstreams: { app: { balance: "round-robin", servers: [server.url], retry: { attempts: 0 } } },
      routes: [
        { path: "/hello", respond: { body: "hi" } },
        { path: "/*", upstream: "app" },
      ],
    });
    const inflight = async () => (await status()).upstreams[0]?.servers[0]?.inflight;
    const endless = Array.from({ length: 12 }, () => textOf(`${url}/endless`).catch(() => "cut"));
    await eventually(async () => assert.equal(await inflight(), 12));
    await threads[0]?.terminate();
    await threads[1]?.terminate();
    assert.deepEqual(new Set(await Promise.all(endless)), new Set(["cut"]));
    await eventually(async () => assert.equal((await status()).workers, 2));
    assert.equal(await inflight(), 0);
    assert.equal(threads.length, 4);
    assert.match(logs(), /error a worker died and is started again worker=0/);
    assert.match(logs(), /info a worker runs again worker=0/);
    assert.equal(await textOf(`${url}/hello`), "hi");
  });

  test("goes on with the others while one is dead", limit, async (t) => {
    const { threads, url } = await startCrewOfTwo(t, { routes: [{ path: "/*", respond: { body: "hi" } }] });
    await threads[1]?.terminate();
    // A connection that the dead one had been given already is lost with it; those after it are not.
    await eventually(async () => {
      for (let count = 0; count < 10; count++) assert.equal(await textOf(url), "hi");
    });
  });

  test("fails where a worker cannot start at all", limit, async (t) => {
    const spawn: SpawnWorker = (events) => {
      const thread = spawnWorkerThread(events);
      void thread.terminate();
      return thread;
    };
    await assert.rejects(
      startCrewOfTwo(t, { routes: [{ path: "/*", respond: {} }] }, spawn),
      /Cannot start a worker/,
    );
  });

  test("a worker that comes back runs the newest configuration", limit, async (t) => {
    const answerWith = (body: string) => ({ routes: [{ path: "/*", respond: { body } }] });
    const { headgate, threads, url, status } = await startCrewOfTwo(t, answerWith("one"));
    await threads[0]?.terminate();
    const value = { ...base, ...answerWith("two") };
    assert.deepEqual(await headgate.reload({ value }), { changes: ["route /* changed"] });
    await eventually(async () => assert.equal((await status()).workers, 2));
    for (let count = 0; count < 10; count++) assert.equal(await textOf(url), "two");
  });

  test("a snapshot that one worker refuses runs on none", limit, async (t) => {
    let spawned = 0;
    const spawn: SpawnWorker = (events) => {
      spawned += 1;
      return spawned === 1 ? spawnWorkerThread(events) : refusing(spawnWorkerThread, events);
    };
    const answerWith = (body: string) => ({ routes: [{ path: "/*", respond: { body } }] });
    const { headgate, url } = await startCrewOfTwo(t, answerWith("one"), spawn);
    const result = await headgate.reload({ value: { ...base, ...answerWith("two") } });
    assert.match(JSON.stringify(result), /it does not like that/);
    for (let count = 0; count < 10; count++) assert.equal(await textOf(url), "one");
  });
});

/** A real worker that says no to the second snapshot. */
function refusing(spawn: SpawnWorker, events: Parameters<SpawnWorker>[0]): WorkerThread {
  const thread = spawn(events);
  return {
    ...thread,
    post(message) {
      if (message.type !== "apply" || message.snapshot.version !== 2) return thread.post(message);
      events.message({ type: "refused", version: 2, message: "it does not like that" });
    },
  };
}
