import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { startProxy } from "../../../kit/start-proxy.ts";
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
