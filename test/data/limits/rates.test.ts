import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const ok = { respond: { body: "ok" } };
const slow = { key: "client-ip", rate: "2/m", burst: 2 };

function start(t: Teardown, limits: object, routes: readonly object[] = [{ path: "/*", ...ok }]) {
  const listeners = { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } };
  return startPlaneFor(t, { listeners, routes, limits });
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { headers });
  await response.arrayBuffer();
  return response;
}

async function statuses(count: number, url: string, headers: Record<string, string> = {}): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await ask(url, headers)).status);
  return all;
}

describe("a limit of a rate", () => {
  test("lets the burst through, then answers 429 with what to wait for", async (t) => {
    const { url, board } = await start(t, { rate: [slow] });
    const first = await ask(url);
    assert.equal(first.headers.get("ratelimit"), '"client-ip";r=1;t=30');
    assert.equal(first.headers.get("ratelimit-policy"), '"client-ip";q=2;w=60');
    assert.equal((await ask(url)).headers.get("ratelimit")?.slice(0, 15), '"client-ip";r=0');
    const refused = await ask(url);
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get("retry-after"));
    assert.ok(seconds > 25 && seconds <= 30);
    assert.equal(refused.headers.get("ratelimit"), `"client-ip";r=0;t=${seconds}`);
    assert.equal(refused.headers.get("ratelimit-policy"), '"client-ip";q=2;w=60');
    assert.match(refused.headers.get("proxy-status") ?? "", /error=http_request_denied/);
    assert.equal(board.counter(refusalCounter("rate")), 1);
  });

  test("counts each client alone, an IPv6 one by its /64", async (t) => {
    const { url } = await start(t, { rate: [slow] });
    const from = (client: string) => statuses(3, url, { "x-forwarded-for": client });
    assert.deepEqual(await from("10.0.0.1"), [200, 200, 429]);
    assert.deepEqual(await from("10.0.0.2"), [200, 200, 429]);
    assert.deepEqual(await from("2001:db8::1"), [200, 200, 429]);
    assert.deepEqual(await from("2001:db8::ffff:2"), [429, 429, 429]);
    assert.deepEqual(await from("2001:db8:0:1::1"), [200, 200, 429]);
  });

  test("counts by a header or a cookie, and by the address where that is absent", async (t) => {
    const { url } = await start(t, {}, [
      { path: "/header", ...ok, limits: { rate: [{ key: "header:x-key", rate: "1/m" }] } },
      { path: "/cookie", ...ok, limits: { rate: [{ key: "cookie:id", rate: "1/m" }] } },
    ]);
    assert.deepEqual(await statuses(2, `${url}/header`, { "x-key": "a" }), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/header`, { "x-key": "b" }), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/header`, { "x-key": "127.0.0.1" }), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/header`), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/cookie`, { cookie: "x=1; id=a" }), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/cookie`, { cookie: "id=b" }), [200, 429]);
    assert.deepEqual(await statuses(2, `${url}/cookie`), [200, 429]);
  });

  test("of one rule takes nothing from the others where it refuses", async (t) => {
    const { url } = await start(t, {
      rate: [
        { key: "route", rate: "5/m" },
        { key: "client-ip", rate: "1/m" },
      ],
    });
    const from = (client: string) => statuses(4, url, { "x-forwarded-for": client });
    for (let n = 1; n <= 5; n++) assert.deepEqual(await from(`10.0.0.${n}`), [200, 429, 429, 429]);
    assert.deepEqual(await from("10.0.0.6"), [429, 429, 429, 429]);
  });

  test("is over all routes, but for those with rules of their own, and for requests that no route takes", async (t) => {
    const { url } = await start(t, { rate: [slow] }, [
      { path: "/a", ...ok },
      { path: "/b", ...ok },
      { path: "/own", ...ok, limits: { rate: [{ key: "client-ip", rate: "1/m" }] } },
      { path: "/free", ...ok, limits: { rate: [] } },
    ]);
    assert.deepEqual(await statuses(1, `${url}/a`), [200]);
    assert.deepEqual(await statuses(1, `${url}/nowhere`), [404]);
    assert.deepEqual(await statuses(1, `${url}/b`), [429]);
    assert.deepEqual(await statuses(1, `${url}/nowhere`), [429]);
    assert.deepEqual(await statuses(2, `${url}/own`), [200, 429]);
    assert.deepEqual(await statuses(5, `${url}/free`), [200, 200, 200, 200, 200]);
  });

  test("spares the exempt", async (t) => {
    const { url } = await start(t, { rate: [slow], exempt: ["10.1.0.0/16"] });
    assert.deepEqual(await statuses(4, url, { "x-forwarded-for": "10.1.2.3" }), [200, 200, 200, 200]);
    assert.deepEqual(await statuses(3, url, { "x-forwarded-for": "10.2.2.3" }), [200, 200, 429]);
  });

  test("tells what is left beside what the server says", async (t) => {
    const server = await startServer(t, (_, response) => {
      response.setHeader("ratelimit", '"api";r=7');
      response.setHeader("content-type", "text/plain");
      response.end("ok");
    });
    const { url } = await startPlaneFor(t, { ...proxyTo([server.url]), limits: { rate: [slow] } });
    assert.equal((await ask(url)).headers.get("ratelimit"), '"api";r=7, "client-ip";r=1;t=30');
  });
});
