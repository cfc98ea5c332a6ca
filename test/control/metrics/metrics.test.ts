import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import { parseMetrics, type ReadSample, sumOf } from "./parse-metrics.ts";

const limit = { timeout: 60_000 };

async function read(adminUrl: string): Promise<readonly ReadSample[]> {
  const answer = await fetch(`${adminUrl}/metrics`);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseMetrics(await answer.text());
}

describe("metrics", () => {
  test("count 10,000 requests over several workers as 10,000", limit, async (t) => {
    const server = await startServer(t, (request, response) => {
      response.statusCode = request.url?.startsWith("/missing") === true ? 404 : 200;
      response.end("ok");
    });
    const { url, adminUrl } = await startProxy(t, {
      workers: 2,
      upstreams: { app: { servers: [{ name: "a", url: server.url }] } },
      routes: [
        { name: "hello", path: "/hello", respond: { body: "hi" } },
        { name: "all", path: "/*", upstream: "app" },
      ],
    });
    const paths = ["/", "/missing", "/hello", "/", "/"];
    const client = async (from: number) => {
      for (let i = from; i < 10_000; i += 32) await (await fetch(url + paths[i % paths.length])).text();
    };
    await Promise.all(Array.from({ length: 32 }, (_, from) => client(from)));
    const samples = await eventually(async () => {
      const now = await read(adminUrl);
      return sumOf(now, "headgate_requests_total") === 10_000 && now;
    });
    const requests = (labels: Record<string, string>) => sumOf(samples, "headgate_requests_total", labels);
    assert.equal(requests({ route: "all", upstream: "app", server: "a", code: "200" }), 6_000);
    assert.equal(requests({ route: "all", upstream: "app", server: "a", code: "404" }), 2_000);
    assert.equal(requests({ route: "hello", upstream: "", server: "", code: "200" }), 2_000);
    assert.equal(sumOf(samples, "headgate_request_duration_seconds_count"), 10_000);
    assert.equal(
      sumOf(samples, "headgate_request_duration_seconds_bucket", { le: "+Inf", route: "all" }),
      8_000,
    );
    assert.equal(sumOf(samples, "headgate_server_duration_seconds_count", { server: "a" }), 8_000);
    assert.equal(sumOf(samples, "headgate_sent_bytes_total"), 20_000);
    assert.equal(sumOf(samples, "headgate_server_attempts_total", { server: "a" }), 8_000);
    assert.equal(sumOf(samples, "headgate_server_response_time_seconds_count"), 8_000);
    assert.equal(sumOf(samples, "headgate_server_up"), 1);
    assert.equal(sumOf(samples, "headgate_inflight_requests"), 0);
    assert.ok(sumOf(samples, "headgate_server_response_time_seconds", { quantile: "0.5" }) > 0);
  });

  test("tell refusals by reason, and never a name that a client made up", limit, async (t) => {
    const { url, adminUrl } = await startProxy(t, {
      routes: [{ name: "only", path: "/only/*", respond: { body: "hi" }, limits: { uri: "32B" } }],
    });
    for (let i = 0; i < 20; i++) await fetch(`${url}/made-up-${i}`);
    await fetch(`${url}/only/${"x".repeat(64)}`);
    const samples = await read(adminUrl);
    assert.equal(sumOf(samples, "headgate_requests_total", { route: "", code: "404" }), 20);
    assert.equal(sumOf(samples, "headgate_refused_total", { reason: "uri" }), 1);
    const values = samples.flatMap(({ labels }) => Object.values(labels));
    assert.deepEqual(
      values.filter((value) => value.includes("made-up")),
      [],
    );
  });

  test("of 1,000 servers are there in under 200 ms", limit, async (t) => {
    const servers = Array.from({ length: 1000 }, (_, i) => ({
      name: `s${i}`,
      url: `http://127.0.0.1:${10_000 + i}`,
    }));
    const { adminUrl } = await startProxy(t, {
      upstreams: { app: { servers } },
      routes: [{ path: "/*", upstream: "app" }],
    });
    await read(adminUrl);
    const samples = await eventually(async () => {
      const startedMs = performance.now();
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      return performance.now() - startedMs < 200 && parseMetrics(text);
    });
    assert.equal(sumOf(samples, "headgate_server_up"), 1000);
  });

  test("ask for the token once one is set", limit, async (t) => {
    const { adminUrl } = await startProxy(t, {
      routes: [{ path: "/*", respond: { body: "hi" } }],
      admin: { bind: "127.0.0.1:0", token: "t" },
    });
    assert.equal((await fetch(`${adminUrl}/metrics`)).status, 401);
    const headers = { authorization: "Bearer t" };
    assert.equal((await fetch(`${adminUrl}/metrics`, { headers })).status, 200);
  });

  test("tell how reloads went", limit, async (t) => {
    const proxy = await startProxy(t, { routes: [{ path: "/*", respond: { body: "hi" } }] });
    await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    await proxy.configure({ nonsense: 1 });
    await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
    const samples = await read(proxy.adminUrl);
    const count = (result: string) => sumOf(samples, "headgate_config_reloads_total", { result });
    assert.deepEqual([count("success"), count("failure")], [1, 1]);
    assert.equal(sumOf(samples, "headgate_config_last_reload_successful"), 0);
    assert.equal(sumOf(samples, "headgate_storage_up"), 1);
    assert.equal(samples.filter(({ name }) => name === "headgate_build_info").length, 1);
  });
});
