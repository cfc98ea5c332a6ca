import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";

import { startToyServer } from "../../src/cli/demo/toy-server.ts";
import { eventually } from "../kit/eventually.ts";
import { freePort } from "../kit/free-port.ts";
import { startProxy } from "../kit/start-proxy.ts";

const limit = { timeout: 30_000 };

describe("reload keeps", () => {
  for (const workers of [1, 2]) {
    test(`WebSockets open, with workers: ${workers}`, limit, async (t) => {
      const toy = startToyServer({ name: "toy", port: await freePort(), delayMs: 0 });
      t.after(() => toy.abort());
      const config = {
        workers,
        upstreams: { app: { balance: "round-robin", servers: [`http://127.0.0.1:${toy.port}`] } },
        routes: [{ path: "/*", upstream: "app" }],
      };
      const proxy = await startProxy(t, config);
      const socket = new WebSocket(proxy.url.replace("http", "ws"));
      t.after(() => socket.close());
      const heard: string[] = [];
      let isClosed = false;
      socket.addEventListener("message", ({ data }) => heard.push(String(data)));
      socket.addEventListener("close", () => {
        isClosed = true;
      });
      await eventually(() => heard.includes("toy is listening"));

      await proxy.configure({ ...config, routes: [{ path: "/*", respond: { body: "no more" } }] });
      proxy.signal("SIGHUP");
      await eventually(() => proxy.logs().includes("reloaded version=2"));
      socket.send("still there?");
      await eventually(() => heard.includes("toy: still there?"));
      assert.equal(isClosed, false);
      assert.equal(await (await fetch(proxy.url)).text(), "no more");
    });
  }

  test("the access log going, into a new file after the old one was moved away", limit, async (t) => {
    const config = { routes: [{ path: "/*", respond: { body: "hi" } }], accessLog: { output: "access.log" } };
    const proxy = await startProxy(t, config);
    const file = join(dirname(proxy.configFile), "access.log"); // relative to the configuration
    await fetch(`${proxy.url}/first`);
    await eventually(async () => assert.match(await readFile(file, "utf8"), /"\/first"/));
    await rename(file, `${file}.1`);
    proxy.signal("SIGHUP");
    await eventually(async () => assert.equal(await readFile(file, "utf8"), ""));
    await fetch(`${proxy.url}/second`);
    await eventually(async () => assert.match(await readFile(file, "utf8"), /"\/second"/));
    assert.doesNotMatch(await readFile(`${file}.1`, "utf8"), /second/);
  });
});
