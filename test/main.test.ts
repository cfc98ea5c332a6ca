import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { eventually } from "./kit/eventually.ts";
import { runProgram, writeConfig } from "./kit/start-proxy.ts";
import type { Teardown } from "./kit/teardown.ts";

const limit = { timeout: 60_000 };
const root = fileURLToPath(new URL("../", import.meta.url));
const bun = join(root, "node_modules/.bin/bun");
const run = promisify(execFile);

async function build(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-build-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: { build: string };
  };
  const binary = join(directory, "headgate");
  const args = scripts.build
    .split(" ")
    .slice(1)
    .map((part) => (part === "dist/headgate" ? binary : part));
  await run(bun, args, { cwd: root });
  return binary;
}

/** A module in TypeScript, which no build has seen. */
async function ownFilter(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-filter-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "tag.ts");
  await writeFile(
    file,
    `export default {
      response(answer: Response): Response {
        const headers = new Headers(answer.headers);
        headers.set("x-filtered", String(answer.status));
        return new Response(answer.body, { status: answer.status, headers });
      },
    };`,
  );
  return file;
}

describe("program", () => {
  test("says its version", limit, async (t) => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    const program = runProgram(t, ["--version"]);
    assert.equal(await program.exited, 0);
    assert.equal(program.output(), `headgate ${version}\n`);
  });

  test("names its commands, and the nearest to an unknown one", limit, async (t) => {
    const help = runProgram(t, ["--help"]);
    await help.exited;
    for (const name of ["run", "check", "explain", "demo", "health", "reload", "schema", "convert"]) {
      assert.match(help.output(), new RegExp(`^ {2}${name} `, "m"));
    }
    const unknown = runProgram(t, ["chekc"]);
    assert.equal(await unknown.exited, 2);
    assert.match(unknown.logs(), /did you mean "check"\?/);
  });
});

describe("binary", () => {
  test("runs alone, with workers and a filter of the user's own, far from the sources", limit, async (t) => {
    const binary = await build(t);
    const configFile = await writeConfig(t, {
      workers: 2,
      routes: [
        {
          path: "/*",
          respond: { body: "from the binary" },
          filters: { response: [{ module: await ownFilter(t) }] },
        },
      ],
      accessLog: { format: "off" },
    });
    const child = spawn(binary, ["run", "-c", configFile], {
      cwd: tmpdir(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    let logs = "";
    child.stderr.on("data", (chunk: Uint8Array) => {
      logs += new TextDecoder().decode(chunk);
    });
    await eventually(() => logs.includes(" info ready"), 20_000);
    assert.match(logs, /workers=2/);
    const [, url = ""] = /listener=web url=(\S+)/.exec(logs) ?? [];
    const answer = await fetch(url);
    assert.equal(answer.headers.get("x-filtered"), "200");
    assert.equal(await answer.text(), "from the binary");
    const [, adminUrl = ""] = /admin listening url=(\S+)/.exec(logs) ?? [];
    const health = await run(binary, ["health", "--admin", adminUrl]);
    assert.equal(health.stdout, "ready\n");
    const exited = new Promise((resolve) => {
      child.once("exit", resolve);
    });
    process.kill(child.pid ?? 0, "SIGTERM"); // Deno's `child.kill` would call the exit one by that signal
    assert.equal(await exited, 0);
  });
});
