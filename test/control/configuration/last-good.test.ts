import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "../../kit/eventually.ts";
import {
  runProgram,
  type RunningProgram,
  type RunningProxy,
  startProxy,
  writeConfig,
} from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

const answering = (body: string, more: object = {}) => ({
  routes: [{ path: "/*", respond: { body } }],
  ...more,
});

interface Started extends RunningProgram {
  readonly url: string;
  readonly adminUrl: string;
}

/** A proxy that has run, and was killed at once. */
async function startKilled(t: Teardown, config: object): Promise<RunningProxy> {
  const proxy = await startProxy(t, config as Readonly<Record<string, unknown>>);
  proxy.signal("SIGKILL");
  await proxy.exited;
  return proxy;
}

async function startAgain(
  t: Teardown,
  { configFile }: RunningProxy,
  args: readonly string[] = [],
): Promise<Started> {
  const program = runProgram(t, ["run", "-c", configFile, "--last-good", ...args]);
  await eventually(() => / info ready/.test(program.logs()), 15_000);
  const found = (pattern: RegExp) => pattern.exec(program.logs())?.[1] ?? "";
  const url = found(/ info listening listener=web url=(\S+)/);
  return { ...program, url, adminUrl: found(/admin listening url=(\S+)/) };
}

const read = async (url: string) => (await fetch(url)).text();

async function problemsOf({ adminUrl }: Started): Promise<readonly { readonly message: string }[]> {
  const status = JSON.parse(await read(`${adminUrl}/api/status`)) as {
    readonly config: { readonly problems: readonly { readonly message: string }[] };
  };
  return status.config.problems;
}

async function isLastGood({ adminUrl }: Started): Promise<string | undefined> {
  return /^headgate_config_last_reload_successful (\d)$/m.exec(await read(`${adminUrl}/metrics`))?.[1];
}

describe("--last-good", () => {
  test(
    "starts by the configuration that ran last, after a kill and a broken file, and says so",
    limit,
    async (t) => {
      const killed = await startKilled(t, answering("old"));
      await writeFile(killed.configFile, "routes:\n  - path: /*\n    nonsense: 1\n");
      const proxy = await startAgain(t, killed);
      assert.equal(await read(proxy.url), "old");
      assert.match(proxy.logs(), /error .*config\.yaml:3:5 {2}routes\[0\]\.nonsense {2}unknown key/);
      assert.match(
        proxy.logs(),
        /error the configuration cannot be used: the last one that ran goes on in its place/,
      );
      const problems = await problemsOf(proxy);
      assert.ok(problems.some(({ message }) => message.startsWith("unknown key")));
      assert.equal(await isLastGood(proxy), "0");
      const shown = runProgram(t, ["status", "--admin", proxy.adminUrl]);
      await shown.exited;
      assert.match(
        shown.output(),
        /an older configuration runs, since the file cannot be used: .*config\.yaml:1:1/,
      );
    },
  );

  test("takes the file once it is right", limit, async (t) => {
    const killed = await startKilled(t, answering("old"));
    await rm(killed.configFile);
    const proxy = await startAgain(t, killed, ["--watch"]);
    assert.match(proxy.logs(), /Cannot read the configuration/);
    assert.equal((await problemsOf(proxy)).length, 1);
    await killed.configure(answering("new"));
    await eventually(async () => assert.equal(await read(proxy.url), "new"), 10_000);
    assert.deepEqual(await problemsOf(proxy), []);
    assert.equal(await isLastGood(proxy), "1");
  });

  test("finds the storage by what can be read of the file, and its files beside it", limit, async (t) => {
    const pages = { errorPages: { 404: "lost.html" }, storage: "kept/state.db" };
    const configFile = await writeConfig(t, { ...pages, routes: [{ path: "/only", respond: {} }] });
    const directory = dirname(configFile);
    await mkdir(join(directory, "kept"));
    await writeFile(join(directory, "lost.html"), "<p>lost</p>");
    const first = runProgram(t, ["run", "-c", configFile]);
    await eventually(() => / info ready/.test(first.logs()), 15_000);
    first.signal("SIGKILL");
    await first.exited;
    await writeFile(configFile, 'storage: kept/state.db\nroutes: [{ path: "/*", upstream: gone }]\n');
    const proxy = await startAgain(t, { configFile } as RunningProxy);
    const page = await fetch(proxy.url, { headers: { accept: "text/html" } });
    assert.equal(await page.text(), "<p>lost</p>");
  });

  test("changes nothing where the file runs", limit, async (t) => {
    const killed = await startKilled(t, answering("old"));
    await killed.configure(answering("new"));
    const proxy = await startAgain(t, killed);
    assert.equal(await read(proxy.url), "new");
    assert.deepEqual(await problemsOf(proxy), []);
    assert.doesNotMatch(proxy.logs(), / error /);
  });

  test("cannot help where nothing was kept, and says why", limit, async (t) => {
    const configFile = await writeConfig(t, "nonsense: 1");
    const ended = async (args: readonly string[]) => {
      const program = runProgram(t, ["run", "-c", configFile, ...args]);
      return [await program.exited, program.logs()] as const;
    };
    const [code, logs] = await ended(["--last-good"]);
    assert.equal(code, 1);
    assert.match(logs, /nonsense {2}unknown key/);
    assert.match(logs, /Cannot start by the last configuration that ran: there is no ".*headgate\.db"\n$/);
    await writeFile(configFile, "nonsense: 1\nstorage: off\n");
    assert.match((await ended(["--last-good"]))[1], /storage is off, and nothing was kept\n$/);
    const other = await startKilled(t, answering("old"));
    await writeFile(configFile, `nonsense: 1\nstorage: ${join(dirname(other.configFile), "headgate.db")}\n`);
    assert.match((await ended(["--last-good"]))[1], /has one of another file, ".*config\.yaml"\n$/);
  });

  test("is asked for: without it a broken file keeps the proxy from starting", limit, async (t) => {
    const killed = await startKilled(t, answering("old"));
    await writeFile(killed.configFile, "nonsense: 1");
    const program = runProgram(t, ["run", "-c", killed.configFile]);
    assert.equal(await program.exited, 1);
    assert.match(program.logs(), /unknown key/);
  });
});
