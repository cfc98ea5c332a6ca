import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rawRequest } from "../../kit/raw-request.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

function start(t: Teardown, token = "") {
  return startProxy(t, {
    upstreams: { app: { balance: "round-robin", servers: ["http://127.0.0.1:1"] } },
    routes: [{ path: "/*", upstream: "app" }],
    admin: { bind: "127.0.0.1:0", token },
  });
}

describe("admin", () => {
  test("tells its status", limit, async (t) => {
    const { adminUrl, configFile } = await start(t);
    const status = (await (await fetch(`${adminUrl}/api/status`)).json()) as Record<string, unknown>;
    assert.equal(status["ready"], true);
    assert.equal((status["config"] as { path: string }).path, configFile);
    assert.deepEqual(status["listeners"], [{ name: "web", bind: "127.0.0.1:0", tls: false }]);
    assert.deepEqual(status["upstreams"], [
      {
        name: "app",
        balance: "round-robin",
        recentResponseTimeMs: null,
        servers: [
          {
            name: "127.0.0.1:1",
            url: "http://127.0.0.1:1",
            weight: 1,
            backup: false,
            state: "up",
            inflight: 0,
            load: null,
            requests: 0,
            errors: 0,
            errorRate: 0,
            retries: 0,
            bytesIn: 0,
            bytesOut: 0,
            statuses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 },
            responseTimeMs: null,
            recentResponseTimeMs: null,
            trial: null,
            configured: { weight: 1 },
            override: null,
          },
        ],
      },
    ]);
  });

  for (const headers of [{ "a b": "c" }, { a: "b\r\nc: d" }]) {
    test(`explains nothing by the fields ${JSON.stringify(headers)}`, limit, async (t) => {
      const { adminUrl } = await start(t);
      const body = JSON.stringify({ method: "GET", url: "http://localhost/", headers });
      const answer = await fetch(`${adminUrl}/api/explain`, { method: "POST", body });
      assert.equal(answer.status, 422);
      assert.deepEqual(await answer.json(), {
        errors: [{ path: "headers", message: "header fields as HTTP allows them" }],
      });
    });
  }

  test("asks for the token, but not from probes", limit, async (t) => {
    const { adminUrl } = await start(t, "t0p-s3cret");
    for (const path of ["/livez", "/readyz"]) assert.equal((await fetch(adminUrl + path)).status, 200);
    for (const path of ["/api/status", "/api/config"]) {
      const refused = await fetch(adminUrl + path);
      assert.deepEqual(
        [refused.status, refused.headers.get("www-authenticate")],
        [401, 'Bearer realm="headgate"'],
      );
      const answer = await fetch(adminUrl + path, { headers: { authorization: "Bearer t0p-s3cret" } });
      assert.equal(answer.status, 200);
      assert.doesNotMatch(await answer.text(), /t0p-s3cret/);
    }
  });

  test("answers 404 to unknown names and 405 to wrong methods", limit, async (t) => {
    const { adminUrl } = await start(t);
    assert.equal((await fetch(`${adminUrl}/api/nonsense`)).status, 404);
    const wrong = await fetch(`${adminUrl}/api/reload`);
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
    assert.equal((await fetch(`${adminUrl}/readyz`, { method: "DELETE" })).status, 405);
  });

  test("refuses a Host or an Origin that is not its own", limit, async (t) => {
    const { adminUrl } = await start(t);
    const port = Number(new URL(adminUrl).port);
    const rebound = "GET /api/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert.match(await rawRequest(port, rebound), /^HTTP\/1\.1 403 /);
    const origin = "http://evil.example";
    const forged = await fetch(`${adminUrl}/api/reload`, { method: "POST", headers: { origin } });
    assert.equal(forged.status, 403);
  });
});
