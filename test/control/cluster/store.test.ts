import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createScript } from "../../../src/control/cluster/script.ts";
import { Store } from "../../../src/control/cluster/store.ts";
import { describeStoreFault } from "../../../src/control/cluster/store-fault.ts";
import { systemTime } from "../../../src/runtime/time.ts";
import { createAuthority } from "../../kit/certificates.ts";
import { startTcpServer } from "../../kit/start-server.ts";
import { startRedis } from "../../kit/start-redis.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

const noTls = { ca: "", cert: "", key: "" };

const sum = createScript("return tonumber(ARGV[1]) + tonumber(ARGV[2])");

function open(t: Teardown, url: string, tls = noTls): Store {
  const store = new Store({ url, tls, timeoutMs: 500, time: systemTime });
  t.after(() => store.close());
  return store;
}

function add(store: Store): Promise<unknown> {
  return store.run(sum, [], ["2", "3"]);
}

async function faultOf(store: Store, secrets: readonly string[] = []): Promise<string> {
  try {
    await add(store);
  } catch (error) {
    return describeStoreFault(error, secrets);
  }
  throw new Error("The store answered");
}

describe("a connection to the store", () => {
  test("runs scripts, also after the store forgot them", limit, async (t) => {
    const redis = await startRedis(t);
    const store = open(t, redis.url);
    assert.equal(await add(store), 5);
    await redis.cli("script", "flush");
    assert.equal(await add(store), 5);
  });

  test("says that nobody is there, and finds him when he comes", limit, async (t) => {
    const redis = await startRedis(t);
    await redis.kill();
    const store = open(t, redis.url);
    assert.equal(await faultOf(store), "connection refused");
    assert.equal(store.isOpen, false);
    await redis.start();
    assert.equal(await add(store), 5);
    assert.equal(store.isOpen, true);
  });

  test("fails what is under way when the store dies", limit, async (t) => {
    const redis = await startRedis(t);
    const store = open(t, redis.url);
    await add(store);
    redis.signal("SIGSTOP");
    const fault = faultOf(store);
    await redis.kill();
    assert.equal(await fault, "it closed the connection");
  });

  test(
    "waits no longer than it may for a store that hangs, and goes on when it has woken",
    limit,
    async (t) => {
      const redis = await startRedis(t);
      const store = open(t, redis.url);
      await add(store);
      redis.signal("SIGSTOP");
      const startedMs = performance.now();
      assert.equal(await faultOf(store), "no answer in time");
      assert.equal(await faultOf(store), "no answer in time"); // nor for a new connection
      assert.ok(performance.now() - startedMs < 3_000);
      redis.signal("SIGCONT");
      assert.equal(await add(store), 5);
    },
  );

  test("waits no longer for somebody who is no store", limit, async (t) => {
    const silent = await startTcpServer(t, () => {});
    assert.equal(await faultOf(open(t, silent.url.replace("http", "redis"))), "no answer in time");
    const web = await startTcpServer(t, (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert.match(await faultOf(open(t, web.url.replace("http", "redis"))), /\w/);
  });

  test("gives user and password, and shows neither where they are refused", limit, async (t) => {
    const redis = await startRedis(t);
    await redis.cli(
      "acl",
      "setuser",
      "headgate",
      "on",
      ">open-sesame",
      "~headgate:*",
      "+@all",
      "-@dangerous",
    );
    await redis.cli("acl", "setuser", "default", "off");
    const at = (userinfo: string): string => redis.url.replace("//", `//${userinfo}@`);
    assert.equal(await add(open(t, at("headgate:open-sesame"))), 5);
    const wrong = await faultOf(open(t, at("headgate:hunter2")), ["hunter2"]);
    assert.equal(wrong, "it does not accept the user and password");
    assert.equal(await faultOf(open(t, redis.url)), "it wants a password");
  });

  test("gives a password without a user", limit, async (t) => {
    const redis = await startRedis(t, { args: ["--requirepass", "open sesame"] });
    assert.equal(await add(open(t, redis.url.replace("//", "//:open%20sesame@"))), 5);
  });

  test("speaks TLS, and only with a store that the authority vouches for", limit, async (t) => {
    const authority = await createAuthority(t);
    const { certFile, keyFile } = await authority.issue("store");
    const redis = await startRedis(t, { tls: { certFile, keyFile, caFile: authority.certFile } });
    assert.equal(await add(open(t, redis.url, { ...noTls, ca: authority.cert })), 5);
    assert.match(await faultOf(open(t, redis.url)), /self.signed certificate|unable to/);
    const other = await createAuthority(t);
    assert.match(await faultOf(open(t, redis.url, { ...noTls, ca: other.cert })), /certificate/);
  });

  test("is refused once it was closed", limit, async (t) => {
    const redis = await startRedis(t);
    const store = open(t, redis.url);
    await add(store);
    store.close();
    await assert.rejects(add(store), /being left/);
  });
});

describe("what a store says", () => {
  test("is cut, and shows no secret", () => {
    const fault = describeStoreFault(new Error(`ERR hunter2\u001b[31m\n${"x".repeat(9999)}`), [
      "hunter2",
      "",
    ]);
    assert.match(fault, /^ERR \*\*\* \[31m x+$/);
    assert.ok(fault.length < 200);
  });

  test("is told in words", () => {
    const words: Readonly<Record<string, string>> = {
      "OOM command not allowed when used memory > 'maxmemory'.": "it is full",
      "READONLY You can't write against a read only replica.": "it is a replica, and takes no writes",
      "MOVED 3999 127.0.0.1:6381": "it is a Redis Cluster, and cluster.store wants one server",
    };
    for (const [message, expected] of Object.entries(words))
      assert.equal(describeStoreFault(new Error(message), []), expected);
  });
});
