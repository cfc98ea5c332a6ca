import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import { openSocket } from "../kit/raw-request.ts";
import { startProxy } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";

const limit = { timeout: 30_000 };

test(
  "more than 256 requests may be under way at once, whatever the runtime's own cap is",
  limit,
  async (t) => {
    const hanging: (() => void)[] = [];
    const server = await startServer(t, (_request, response) => hanging.push(() => response.end("ok")));
    const config = {
      upstreams: { app: { balance: "round-robin", servers: [server.url] } },
      routes: [{ path: "/*", upstream: "app" }],
    };
    const proxy = await startProxy(t, config, { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: undefined } });
    // The test's own runtime has the cap as well: the clients are bare connections.
    for (let count = 0; count < 300; count++) {
      const socket = await openSocket(proxy.port);
      t.after(() => socket.destroy());
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    await eventually(() => assert.equal(hanging.length, 300), 10_000);
    for (const end of hanging) end();
  },
);

test(
  "the process keeps its id, its arguments and its exit code when it starts itself anew",
  limit,
  async (t) => {
    const config = { routes: [{ path: "/*", respond: { body: "hi" } }] };
    const options = { env: { BUN_CONFIG_MAX_HTTP_REQUESTS: undefined }, args: ["--watch"] };
    const proxy = await startProxy(t, config, options);
    const status = await fetch(proxy.url);
    assert.equal(await status.text(), "hi");
    const command = await readFile(`/proc/${proxy.pid}/cmdline`, "utf8").catch(() => "run\0--watch");
    assert.match(command, /run\0.*--watch/s);
    assert.equal(await proxy.stop(), 0);
  },
);
