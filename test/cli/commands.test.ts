import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";

import { type ProgramOptions, runProgram, startProxy, writeConfig } from "../kit/start-proxy.ts";
import { freePort } from "../kit/free-port.ts";
import type { Teardown } from "../kit/teardown.ts";

const limit = { timeout: 30_000 };

interface Finished {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

async function headgate(
  t: Teardown,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Finished> {
  const program = runProgram(t, args, options);
  const code = await program.exited;
  return { code, out: program.output(), errors: program.logs() };
}

const hello = { routes: [{ path: "/*", respond: { body: "hi" } }] };

describe("check", () => {
  test("says that the shipped configuration is valid, and what is in it", limit, async (t) => {
    const { code, out } = await headgate(t, ["check"]);
    assert.equal(code, 0);
    assert.equal(out, "config.yaml is valid: 1 listener, 1 upstream, 3 servers, 4 routes\n");
  });

  test("prints every mistake with its place and exits with 1", limit, async (t) => {
    const file = await writeConfig(t, "workers: many\nroutes:\n  - path: /*\n    upstrem: app\n");
    const { code, out, errors } = await headgate(t, ["check", "-c", file]);
    assert.equal(code, 1);
    assert.equal(out, "");
    const lines = errors.replaceAll(file, "FILE");
    assert.match(lines, /^FILE:1:10 {2}workers/m);
    assert.match(lines, /^FILE:4:5 {2}/m);
  });

  test("opens each file that the configuration names", limit, async (t) => {
    const file = await writeConfig(
      t,
      "routes:\n  - path: /*\n    respond: {}\nerrorPages:\n  404: pages/404.html\n",
    );
    const { code, errors } = await headgate(t, ["check", "-c", file]);
    assert.equal(code, 1);
    assert.match(errors, /config\.yaml:5:8 .*cannot read "pages\/404\.html": there is no such file/);
  });

  test("never prints a secret of the environment", limit, async (t) => {
    const file = await writeConfig(
      t,
      'admin: { bind: "127.0.0.1:0", token: "${T}", nonsense: "${T}" }\nworkers: "${T}"\n',
    );
    const { code, errors, out } = await headgate(t, ["check", "-c", file], { env: { T: "s3cr3t-t0ken" } });
    assert.equal(code, 1);
    assert.doesNotMatch(errors + out, /s3cr3t/);
  });
});

describe("explain", () => {
  test("says which route takes a request, and why the others do not", limit, async (t) => {
    const { code, out } = await headgate(t, ["explain", "POST", "http://localhost:8080/api/users?page=2"]);
    assert.equal(code, 0);
    assert.match(out, /not\s+\/hello: path does not match/);
    assert.match(out, /route\s+api\n/);
    assert.match(out, /sent as\s+\/users\?page=2\n/);
    assert.match(out, /server +1 127\.0\.0\.1:9001: the best by round-robin/);
    const others = out.match(/(?<=^server +[23] )\S+(?=: the next best)/gm);
    assert.deepEqual(others?.toSorted(), ["127.0.0.1:9002", "127.0.0.1:9003"]);
  });

  test("says with which status a request is refused", limit, async (t) => {
    const file = await writeConfig(
      t,
      'routes: [{ path: /*, respond: { body: hi }, access: { deny: [10.0.0.0/8] } }]\nlisteners: { web: { bind: ":0" } }\n',
    );
    const { out } = await headgate(t, ["explain", "-c", file, "GET", "/", "--client", "10.0.0.7"]);
    assert.match(out, /^refused +403 http_request_denied$/m);
  });

  test("refuses what is no URL, no header field or no address", limit, async (t) => {
    for (const args of [
      ["GET", "nonsense"],
      ["GET", "/", "-H", "nonsense"],
      ["GET", "/", "-H", "nonsense: a\nb"],
      ["GET", "/", "--client", "me"],
    ]) {
      const { code, errors } = await headgate(t, ["explain", ...args]);
      assert.equal(code, 2);
      assert.match(errors, /^"(nonsense|nonsense: a\nb|me)" is no /);
    }
  });
});

describe("health", () => {
  test("exits with 0 when the proxy is ready, found by its configuration", limit, async (t) => {
    const bind = `127.0.0.1:${await freePort()}`;
    const proxy = await startProxy(t, { ...hello, admin: { bind } });
    const { code, out } = await headgate(t, ["health", "-c", proxy.configFile]);
    assert.deepEqual([code, out], [0, "ready\n"]);
  });

  test("exits with 1 when nobody listens", limit, async (t) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, errors } = await headgate(t, ["health", "--admin", url]);
    assert.deepEqual([code, errors], [1, `Cannot reach the admin at ${url}: nobody listens there\n`]);
  });
});

describe("reload", () => {
  test("prints what has changed", limit, async (t) => {
    const proxy = await startProxy(t, hello);
    await proxy.configure({ routes: [{ path: "/*", respond: { body: "ho" } }] });
    const { code, out } = await headgate(t, ["reload", "--admin", proxy.adminUrl]);
    assert.deepEqual([code, out], [0, "reloaded: route /* changed\n"]);
  });

  test("prints the mistakes and exits with 1", limit, async (t) => {
    const proxy = await startProxy(t, hello);
    await proxy.configure("nonsense: 1\n");
    const { code, errors } = await headgate(t, ["reload", "--admin", proxy.adminUrl]);
    assert.equal(code, 1);
    assert.match(
      errors,
      /^Cannot reload: the configuration before it goes on\n\S*config\.yaml:1:1 +nonsense/,
    );
  });

  test("needs the token once one is set: an option or HEADGATE_TOKEN", limit, async (t) => {
    const proxy = await startProxy(t, { ...hello, admin: { bind: "127.0.0.1:0", token: "t0p-s3cret" } });
    const refused = await headgate(t, ["reload", "--admin", proxy.adminUrl]);
    assert.equal(refused.code, 1);
    assert.match(refused.errors, /^Cannot reload: .*token/);
    const byOption = await headgate(t, ["reload", "--admin", proxy.adminUrl, "--token", "t0p-s3cret"]);
    assert.equal(byOption.code, 0);
    const byEnv = await headgate(t, ["reload", "--admin", proxy.adminUrl], {
      env: { HEADGATE_TOKEN: "t0p-s3cret" },
    });
    assert.equal(byEnv.code, 0);
    assert.doesNotMatch(proxy.logs(), /t0p-s3cret/);
  });
});

describe("schema", () => {
  test("prints a JSON Schema of every key", limit, async (t) => {
    const { code, out } = await headgate(t, ["schema"]);
    assert.equal(code, 0);
    const { properties } = JSON.parse(out) as { properties: object };
    for (const key of ["listeners", "upstreams", "routes", "admin"]) assert.ok(key in properties, key);
  });
});

describe("convert", () => {
  const old = `listeners: [8081]
targetGroups:
  - { name: app, fromPort: 8081, toPort: 9001, path: "/", sticky: false, instances: ["http://example0.localhost"] }
`;

  test("prints an old file in today's form, which is valid", limit, async (t) => {
    const file = await writeConfig(t, "unused: true\n");
    const [before, after] = ["old.yaml", "new.yaml"].map((name) => join(dirname(file), name)) as [
      string,
      string,
    ];
    await writeFile(before, old);
    const { code, out } = await headgate(t, ["convert", before]);
    assert.equal(code, 0);
    assert.match(out, /http:\/\/example0\.localhost:9001/);
    await writeFile(after, out);
    assert.equal((await headgate(t, ["check", "-c", after])).code, 0, await readFile(after, "utf8"));
  });

  test("refuses a file that is not old", limit, async (t) => {
    const { code, errors } = await headgate(t, ["convert", "config.yaml"]);
    assert.equal(code, 1);
    assert.match(errors, /targetGroups/);
  });
});
