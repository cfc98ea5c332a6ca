import assert from "node:assert/strict";
import { chmod, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, test } from "node:test";

import { underPermissions } from "../../kit/permissions.ts";
import { eventually } from "../../kit/eventually.ts";
import { runProgram, type RunningProxy, startProxy, writeConfig } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

interface Status {
  readonly storage: { readonly path: string; readonly state: string; readonly error: string | null };
  readonly upstreams: readonly [
    {
      readonly servers: readonly {
        readonly weight: number;
        readonly state: string;
        readonly requests: number;
        readonly bytesOut: number;
        readonly statuses: Readonly<Record<string, number>>;
        readonly override: object | null;
      }[];
    },
  ];
}

async function statusOf(adminUrl: string): Promise<Status> {
  return (await (await fetch(`${adminUrl}/api/status`)).json()) as Status;
}

/** Starts a proxy on a file of its own, again and again on the same one. */
async function startAgain(t: Teardown, config: Readonly<Record<string, unknown>>) {
  const first = await startProxy(t, config);
  const again = async (): Promise<{ adminUrl: string; url: string; logs: () => string }> => {
    const program = runProgram(t, ["run", "-c", first.configFile]);
    await eventually(() => / info ready/.test(program.logs()), 15_000);
    const found = (pattern: RegExp) => pattern.exec(program.logs())?.[1] ?? "";
    return {
      logs: program.logs,
      adminUrl: found(/admin listening url=(\S+)/),
      url: found(/ info listening listener=web url=(\S+)/),
    };
  };
  return { first, again };
}

function patch({ adminUrl }: Pick<RunningProxy, "adminUrl">, server: string, change: object) {
  return fetch(`${adminUrl}/api/upstreams/app/servers/${server}`, {
    method: "PATCH",
    body: JSON.stringify(change),
  });
}

async function sitesConfig(t: Teardown, upstream: object = {}) {
  const [a, b] = [await startServer(t), await startServer(t)];
  return {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: [
          { name: "a", url: a.url },
          { name: "b", url: b.url },
        ],
        ...upstream,
      },
    },
    routes: [{ path: "/*", upstream: "app" }],
  };
}

describe("after a restart", () => {
  test("a killed proxy knows what people said, and its sticky cookies", limit, async (t) => {
    const { first, again } = await startAgain(t, await sitesConfig(t, { sticky: {} }));
    const answered = await patch(first, "a", { state: "drain", weight: 5 });
    assert.equal(((await answered.json()) as { stored: boolean }).stored, true);
    const cookie = (await fetch(first.url)).headers.get("set-cookie")?.split(";")[0] ?? "";
    first.signal("SIGKILL");
    await first.exited;
    const second = await again();
    const [a] = (await statusOf(second.adminUrl)).upstreams[0].servers;
    assert.deepEqual([a?.state, a?.weight], ["draining", 5]);
    for (let i = 0; i < 10; i++) await (await fetch(second.url)).text();
    const [drained] = (await statusOf(second.adminUrl)).upstreams[0].servers;
    assert.equal(drained?.requests, a?.requests, "it gets nothing from the very first request on");
    const known = await fetch(second.url, { headers: { cookie } });
    assert.equal(known.headers.get("set-cookie"), null, "the cookie is still believed");
  });

  test("totals go on where they were", limit, async (t) => {
    const { first, again } = await startAgain(t, await sitesConfig(t));
    for (let i = 0; i < 6; i++) await (await fetch(first.url)).text();
    assert.equal(await first.stop(), 0);
    const second = await again();
    await (await fetch(second.url)).text();
    const { servers } = (await statusOf(second.adminUrl)).upstreams[0];
    assert.equal(
      servers.reduce((sum, { requests }) => sum + requests, 0),
      7,
    );
    assert.equal(
      servers.reduce((sum, { statuses }) => sum + (statuses["2xx"] ?? 0), 0),
      7,
    );
    assert.equal(
      servers.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
      14,
    );
  });

  test("a server that failed its probes is down until they pass", limit, async (t) => {
    const sick = await startServer(t, (_request, response) => response.writeHead(500).end());
    const config = {
      upstreams: {
        app: {
          servers: [{ name: "a", url: sick.url }],
          health: { active: { interval: "100ms", rise: 1000 } },
        },
      },
      routes: [{ path: "/*", upstream: "app" }],
    };
    const { first, again } = await startAgain(t, config);
    const isDown = async ({ adminUrl }: Pick<RunningProxy, "adminUrl">) =>
      (await statusOf(adminUrl)).upstreams[0].servers[0]?.state === "down";
    await eventually(() => isDown(first));
    assert.equal(await first.stop(), 0);
    await sick.stop();
    await startServer(t, undefined, sick.port);
    assert.equal(await isDown(await again()), true);
  });
});

describe("a file that cannot be used", () => {
  test("is left alone where it is damaged, and the proxy serves", limit, async (t) => {
    const { writeFile } = await import("node:fs/promises");
    const configFile = await writeConfig(t, { routes: [{ path: "/*", respond: { body: "hi" } }] });
    const file = configFile.replace("config.yaml", "headgate.db");
    const garbage = "this is not a database. ".repeat(1000);
    await writeFile(file, garbage);
    const program = runProgram(t, ["run", "-c", configFile]);
    await eventually(() => / info ready/.test(program.logs()), 15_000);
    assert.match(program.logs(), / error Cannot use the storage.*headgate\.db.*damaged/);
    const adminUrl = /admin listening url=(\S+)/.exec(program.logs())?.[1] ?? "";
    const { storage } = await statusOf(adminUrl);
    assert.deepEqual(storage, {
      path: file,
      state: "closed",
      error: "the file is damaged, or is no SQLite database",
    });
    program.signal("SIGTERM");
    assert.equal(await program.exited, 0);
    assert.equal(await readFile(file, "utf8"), garbage);
  });

  for (const [what, nameOf] of [
    ["file", (file: string) => file],
    ["folder", dirname],
  ] as const) {
    test(`is left alone where the ${what} may not be written, and the proxy serves`, limit, async (t) => {
      const { first } = await startAgain(t, await sitesConfig(t));
      await patch(first, "a", { weight: 3 });
      await first.stop();
      const file = first.configFile.replace("config.yaml", "headgate.db");
      const before = await readFile(file);
      const guarded = nameOf(file);
      const { mode } = await stat(guarded);
      await chmod(guarded, mode & 0o555);
      const program = runProgram(t, ["run", "-c", first.configFile], { by: underPermissions });
      await eventually(() => / info ready/.test(program.logs()), 15_000);
      assert.match(program.logs(), /error Cannot use the storage.*the file may not be written/);
      const adminUrl = /admin listening url=(\S+)/.exec(program.logs())?.[1] ?? "";
      assert.equal((await statusOf(adminUrl)).storage.state, "closed");
      program.signal("SIGTERM");
      assert.equal(await program.exited, 0);
      await chmod(guarded, mode);
      assert.deepEqual(await readFile(file), before);
    });
  }

  test("is left to the proxy that has it open", limit, async (t) => {
    const { first, again } = await startAgain(t, await sitesConfig(t));
    const second = await again();
    assert.match(second.logs(), /Cannot use the storage.*locked/);
    const change = await patch(second, "a", { weight: 3 });
    assert.deepEqual([change.status, ((await change.json()) as { stored: boolean }).stored], [200, false]);
    assert.equal((await statusOf(first.adminUrl)).storage.state, "ok");
  });

  test("is not missed where storage is off", limit, async (t) => {
    const { readdir } = await import("node:fs/promises");
    const proxy = await startProxy(t, { ...(await sitesConfig(t)), storage: "off" });
    assert.deepEqual((await statusOf(proxy.adminUrl)).storage, { path: null, state: "off", error: null });
    const directory = proxy.configFile.replace("config.yaml", "");
    assert.deepEqual(await readdir(directory), ["config.yaml"]);
  });
});
