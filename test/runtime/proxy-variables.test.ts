import assert from "node:assert/strict";
import { test } from "node:test";

import { startProxy } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";

test("A proxy that the environment names gets none of the traffic to servers", async (t) => {
  const seen: string[] = [];
  const diversion = await startServer(t, (request, response) => {
    seen.push(request.url ?? "");
    response.end("diverted");
  });
  const server = await startServer(t, (_request, response) => response.end("direct"));
  const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  const env = Object.fromEntries(names.map((name) => [name, diversion.url]));
  const config = {
    upstreams: { app: { servers: [server.url], health: { active: { path: "/", interval: "100ms" } } } },
    routes: [{ upstream: "app" }],
  };
  const proxy = await startProxy(t, config, { env: { ...env, NO_PROXY: undefined, no_proxy: undefined } });
  const bodies = await Promise.all(Array.from({ length: 5 }, async () => (await fetch(proxy.url)).text()));
  assert.deepEqual(
    bodies,
    Array.from({ length: 5 }, () => "direct"),
  );
  assert.deepEqual(seen, []);
});
