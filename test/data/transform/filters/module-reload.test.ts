import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { runProgram, startProxy } from "../../../kit/start-proxy.ts";
import { eventually } from "../../../kit/eventually.ts";

const tag = (value: string): string =>
  `export default { response(response: Response): void { response.headers.set("x-tag", ${JSON.stringify(value)}); } };`;

test("a module that has changed is loaded anew by a reload in every worker, and a broken one refused", async (t) => {
  const config = {
    workers: 2,
    routes: [{ path: "/*", respond: { body: "ok" }, filters: { response: [{ module: "./tag.ts" }] } }],
  };
  await assert.rejects(startProxy(t, config), /tag\.ts.*there is no such file/);

  const file = (configFile: string): string => join(dirname(configFile), "tag.ts");
  const proxy = await startProxy(t, { ...config, routes: [{ path: "/*", respond: { body: "ok" } }] });
  const tags = async (): Promise<string> => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(proxy.url, { headers: { connection: "close" } })),
    );
    await Promise.all(answers.map((answer) => answer.text()));
    return [...new Set(answers.map(({ headers }) => headers.get("x-tag")))].join();
  };
  const reload = async (): Promise<number> =>
    (await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status;

  await writeFile(file(proxy.configFile), tag("one"));
  await proxy.configure(config);
  assert.equal(await reload(), 200);
  await eventually(async () => (await tags()) === "one");

  await writeFile(file(proxy.configFile), tag("two"));
  assert.equal(await reload(), 200);
  await eventually(async () => (await tags()) === "two");

  await writeFile(file(proxy.configFile), "export default {");
  assert.equal(await reload(), 422);
  assert.match(proxy.logs(), /Cannot load the filter ".*tag\.ts"/);
  assert.equal(await tags(), "two");
});

test("what a module imports is loaded anew with the process, not by a reload", async (t) => {
  const config = {
    routes: [{ path: "/*", respond: { body: "ok" }, filters: { response: [{ module: "./tag.ts" }] } }],
  };
  const bare = { routes: [{ path: "/*", respond: { body: "ok" } }] };
  const writing = (configFile: string, name: string, text: string): Promise<void> =>
    writeFile(join(dirname(configFile), name), text);
  const importing = (note: string): string =>
    `// ${note}\nimport { value } from "./value.ts";\nexport default { response(response: Response): void { response.headers.set("x-tag", value); } };`;
  const proxy = await startProxy(t, bare);
  const { configFile } = proxy;
  const reload = async (): Promise<number> =>
    (await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status;
  const tagOf = async (url: string): Promise<string | null> => (await fetch(url)).headers.get("x-tag");

  await writing(configFile, "value.ts", 'export const value = "one";');
  await writing(configFile, "tag.ts", importing("first"));
  await proxy.configure(config);
  assert.equal(await reload(), 200);
  assert.equal(await tagOf(proxy.url), "one");

  await writing(configFile, "value.ts", 'export const value = "two";');
  await writing(configFile, "tag.ts", importing("second"));
  assert.equal(await reload(), 200);
  assert.equal(await tagOf(proxy.url), "one");

  await proxy.stop();
  const next = runProgram(t, ["run", "-c", configFile]);
  const listening = / listening listener=web url=(\S+)/;
  await eventually(() => listening.test(next.logs()));
  assert.equal(await tagOf(listening.exec(next.logs())?.[1] ?? ""), "two");
});
