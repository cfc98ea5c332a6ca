import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { drawStatus } from "../../src/cli/status-table.ts";
import { eventually } from "../kit/eventually.ts";
import { type ProgramOptions, runProgram, startProxy } from "../kit/start-proxy.ts";
import type { Teardown } from "../kit/teardown.ts";

const limit = { timeout: 30_000 };

async function headgate(t: Teardown, args: readonly string[], options: ProgramOptions = {}) {
  const program = runProgram(t, args, options);
  const code = await program.exited;
  return { code, out: program.output(), errors: program.logs() };
}

function start(t: Teardown, token = "") {
  return startProxy(t, {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: [
          { name: "a", url: "http://127.0.0.1:1" },
          { name: "b", url: "http://127.0.0.1:2" },
        ],
      },
      shop: { servers: [{ name: "b", url: "http://127.0.0.1:3" }] },
    },
    routes: [
      { path: "/shop/*", upstream: "shop" },
      { path: "/*", upstream: "app" },
    ],
    admin: { bind: "127.0.0.1:0", token },
  });
}

describe("status", () => {
  test("prints a row a server", limit, async (t) => {
    const { adminUrl } = await start(t);
    const { code, out } = await headgate(t, ["status", "--admin", adminUrl]);
    assert.equal(code, 0);
    assert.match(
      out,
      /^headgate \S+ {2}ready {2}up \d+s {2}1 worker {2}\S+config\.yaml\n\n {2}server +state +weight/,
    );
    assert.match(out, /\napp {2}\(round-robin\)\n {2}a +up +1 +0 +0 +- +0\.0 % +- +- +- +-\n {2}b +up/);
  });

  test("draws itself anew with --watch, and survives a restart of the proxy", limit, async (t) => {
    const proxy = await start(t);
    const program = runProgram(t, ["status", "--watch", "--admin", proxy.adminUrl]);
    const frames = () => program.output().split("\u001B[H\u001B[J").slice(1);
    await eventually(() => frames().length >= 2, 10_000);
    assert.match(frames()[1] ?? "", /\n {2}a +up +1 +0 +0 +0\.0 +0\.0 %/);
    await proxy.stop();
    await eventually(() => frames().at(-1)?.startsWith("Cannot reach the admin") === true, 10_000);
  });

  test("marks what a person set, and shortens times", () => {
    const server = {
      name: "a",
      weight: 3,
      backup: true,
      state: "draining",
      inflight: 2,
      load: 0.5,
      requests: 30,
      errorRate: 0.25,
      responseTimeMs: { p50: 1.23456, p95: 999.9, p99: 12_345 },
      configured: { weight: 1 },
      override: { weight: 3, state: "drain" },
    };
    const of = (uptimeMs: number, requests: number) => ({
      version: "1.2.3",
      uptimeMs,
      ready: true,
      config: { path: "c.yaml", problems: [] },
      workers: 2,
      upstreams: [{ name: "app", balance: "hash", servers: [{ ...server, requests }] }],
      storage: { state: "failing", error: "the disk is full" },
      cluster: {
        node: "n1",
        connected: true,
        error: null,
        nodes: [
          { name: "n2", lastSeenMs: 420, isAlive: true },
          { name: "n3", lastSeenMs: 9100, isAlive: false },
        ],
      },
    });
    const text = drawStatus({ now: of(93_784_000, 30), before: of(93_782_000, 10) });
    assert.match(
      text,
      /^headgate 1\.2\.3 {2}ready {2}up 1d 2h {2}2 workers {2}c\.yaml\nnothing is stored: the disk is full\nnode n1 with n2 \(0\.4 s ago\), n3 \(gone, 9\.1 s ago\)\n/,
    );
    assert.match(
      text,
      / a \(backup\) {2}draining\* +3\* +2 +30 +10\.0 +25\.0 % +1\.23 ms +1 s +12\.3 s +0\.5\n/,
    );
  });
});

describe("drain and undrain", () => {
  test("name a server with its upstream, or by a name that only one bears", limit, async (t) => {
    const { adminUrl } = await start(t);
    const drained = await headgate(t, ["drain", "a", "--admin", adminUrl]);
    assert.deepEqual([drained.code, drained.out], [0, "app/a is draining, 0 in flight\n"]);
    const table = await headgate(t, ["status", "--admin", adminUrl]);
    assert.match(table.out, /\n {2}a +draining\* /);
    const back = await headgate(t, ["undrain", "app/a", "--admin", adminUrl]);
    assert.deepEqual([back.code, back.out], [0, "app/a is up, 0 in flight\n"]);
    const unclear = await headgate(t, ["drain", "b", "--admin", adminUrl]);
    assert.deepEqual(
      [unclear.code, unclear.errors],
      [1, 'Cannot do that: several servers are called "b"; say which: app/b, shop/b\n'],
    );
    const unknown = await headgate(t, ["drain", "c", "--admin", adminUrl]);
    assert.match(unknown.errors, /there is no server "c"; there are: app\/a, app\/b, shop\/b\n/);
  });

  test("take the token from the environment or an option", limit, async (t) => {
    const { adminUrl } = await start(t, "t0p-s3cret");
    const refused = await headgate(t, ["drain", "a", "--admin", adminUrl]);
    assert.equal(refused.code, 1);
    assert.match(refused.errors, /^Cannot read the status: .*token/);
    const env = { HEADGATE_TOKEN: "t0p-s3cret" };
    assert.equal((await headgate(t, ["drain", "a", "--admin", adminUrl], { env })).code, 0);
    const byOption = await headgate(t, ["undrain", "a", "--admin", adminUrl, "--token", "t0p-s3cret"]);
    assert.equal(byOption.code, 0);
  });
});
