import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";

import { ConfigError, createApp, LoadBalancer } from "../src/library.ts";
import { writeConfig } from "./kit/start-proxy.ts";
import { startServer } from "./kit/start-server.ts";
import type { Teardown } from "./kit/teardown.ts";

function answerWith(body: string): Record<string, unknown> {
  return {
    listeners: { web: { bind: "127.0.0.1:0" } },
    routes: [{ path: "/*", respond: { body } }],
    accessLog: { format: "off" },
    admin: { bind: "off" },
  };
}

async function start(t: Teardown, config: string | object): Promise<{ balancer: LoadBalancer; url: string }> {
  const balancer = await new LoadBalancer({ log: () => {} }).start(config);
  t.after(() => balancer.stop().catch(() => {}));
  return { balancer, url: `http://127.0.0.1:${balancer.addresses[0]?.port}` };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url, { headers: { connection: "close" } })).text();
}

describe("library", () => {
  test("starts by a value, reloads another, and stops", async (t) => {
    const { balancer, url } = await start(t, answerWith("one"));
    assert.equal(await textOf(url), "one");
    assert.deepEqual(await balancer.reload(answerWith("two")), ["route /* changed"]);
    assert.equal(await textOf(url), "two");
    await balancer.stop();
    await assert.rejects(textOf(url));
    assert.deepEqual(balancer.addresses, []);
  });

  test("starts by a file and forwards", async (t) => {
    const server = await startServer(t);
    const upstreams = { app: { balance: "round-robin", servers: [server.url] } };
    const file = await writeConfig(t, {
      ...answerWith(""),
      upstreams,
      routes: [{ path: "/*", upstream: "app" }],
    });
    assert.match(await readFile(file, "utf8"), /127\.0\.0\.1/);
    const { url } = await start(t, file);
    assert.equal(await textOf(url), "ok");
  });

  test("rejects with all that is wrong, and goes on as before", async (t) => {
    const { balancer, url } = await start(t, answerWith("one"));
    const wrong = { ...answerWith("two"), workers: "many", nonsense: 1 };
    await assert.rejects(balancer.reload(wrong), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /workers.*\n.*nonsense|nonsense.*\n.*workers/s);
      return true;
    });
    assert.equal(await textOf(url), "one");
    await assert.rejects(new LoadBalancer({ log: () => {} }).start(wrong), ConfigError);
  });

  test("cannot be started twice, nor stopped before it was started", async (t) => {
    const { balancer } = await start(t, answerWith("one"));
    await assert.rejects(balancer.start(answerWith("two")), /runs already/);
    await assert.rejects(new LoadBalancer().stop(), /does not run/);
  });

  test("gives the data plane as an app, without listeners", async (t) => {
    const app = await createApp({
      routes: [{ path: "/hello", respond: { body: "hi" } }],
      accessLog: { format: "off" },
    });
    t.after(() => app.close());
    const response = await app.request("http://localhost/hello");
    assert.equal(await response.text(), "hi");
  });
});
