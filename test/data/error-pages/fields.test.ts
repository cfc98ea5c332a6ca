import assert from "node:assert/strict";
import { test } from "node:test";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";

const response = [
  {
    setHeader: {
      "strict-transport-security": "max-age=1",
      "cache-control": "max-age=3600",
      "content-type": "x/y",
    },
  },
  { addHeader: { "access-control-allow-origin": "*", vary: "Origin" } },
  { removeHeader: ["x-content-type-options", "retry-after"] },
  { setHeader: { "content-security-policy": "default-src 'self'" } },
];

test("fields that filters edit are those of a route's error answers too, but for what speaks of the page", async (t) => {
  const server = await startServer(t, (_request, answer) => {
    answer.writeHead(500, { "content-type": "text/plain", "x-own": "1" });
    answer.end("secret");
  });
  const { url } = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url] }, gone: { servers: ["http://127.0.0.1:1"] } },
    routes: [
      { path: "/gone", upstream: "gone", filters: { response } },
      { path: "/denied", upstream: "app", access: { deny: ["127.0.0.0/8"] }, filters: { response } },
      {
        path: "/broken",
        upstream: "app",
        filters: { response },
        errorPages: { intercept: [500], "5xx": "<p>own</p>" },
      },
      { path: "/bare", upstream: "gone" },
    ],
  });
  const fieldsOf = async (path: string, names: readonly string[]): Promise<(string | null)[]> => {
    const answer = await fetch(url + path, { headers: { accept: "text/html" } });
    assert.doesNotMatch(await answer.text(), /secret/);
    return names.map((name) => answer.headers.get(name));
  };
  const edited = ["strict-transport-security", "access-control-allow-origin", "x-content-type-options"];
  for (const path of ["/gone", "/denied", "/broken"])
    assert.deepEqual(await fieldsOf(path, edited), ["max-age=1", "*", null], path);
  for (const path of ["/bare", "/nowhere"])
    assert.deepEqual(await fieldsOf(path, edited), [null, null, "nosniff"], path);

  const ours = ["cache-control", "content-type", "vary"];
  const [cache, type, vary] = await fieldsOf("/gone", ours);
  assert.deepEqual([cache, type, vary], ["no-store", "text/html; charset=utf-8", "accept"]);
  const [own, builtIn] = [
    await fieldsOf("/broken", ["content-security-policy"]),
    await fieldsOf("/gone", ["content-security-policy"]),
  ];
  assert.deepEqual(own, ["default-src 'self'"]);
  assert.match(builtIn[0] ?? "", /style-src 'sha256-/);
});

test("a field that a server wrote in several lines stays whole on a page in its place, whatever filters edit", async (t) => {
  const server = await startServer(t, (_request, answer) => {
    answer.setHeader("allow", ["GET", "PUT"]).setHeader("vary", ["Accept", "Origin"]);
    answer.statusCode = 405;
    answer.end();
  });
  const { url } = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app", filters: { response }, errorPages: { intercept: [405] } }],
  });
  const { headers } = await fetch(url);
  assert.deepEqual([headers.get("allow"), headers.get("vary")], ["GET, PUT", "Accept, Origin"]);
});
