import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { type RunningProxy, startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

interface ServerStatus {
  readonly name: string;
  readonly weight: number;
  readonly state: string;
  readonly requests: number;
  readonly configured: { readonly weight: number };
  readonly override: { readonly weight?: number; readonly state?: string } | null;
}

/** Two servers behind two workers. */
async function startPair(t: Teardown, workers = 2) {
  const [a, b] = [await startServer(t), await startServer(t)];
  const servers = [
    { name: "a", url: a.url },
    { name: "b", url: b.url, weight: 2 },
  ];
  const config = { workers, ...proxyTo(servers) };
  return { proxy: await startProxy(t, config), config, a, b };
}

function patch({ adminUrl }: RunningProxy, server: string, change: unknown) {
  const body = typeof change === "string" ? change : JSON.stringify(change);
  return fetch(`${adminUrl}/api/upstreams/app/servers/${server}`, { method: "PATCH", body });
}

async function serversOf({ adminUrl }: RunningProxy): Promise<readonly ServerStatus[]> {
  const status = (await (await fetch(`${adminUrl}/api/status`)).json()) as {
    upstreams: [{ servers: ServerStatus[] }];
  };
  return status.upstreams[0].servers;
}

async function ask({ url }: RunningProxy, times: number): Promise<void> {
  await Promise.all(Array.from({ length: times }, async () => (await fetch(url)).text()));
}

describe("a person's word about a server", () => {
  test("holds on every worker as soon as it is answered", limit, async (t) => {
    const { proxy, a, b } = await startPair(t);
    const answer = await patch(proxy, "a", { state: "drain" });
    assert.equal(answer.status, 200);
    const told = (await answer.json()) as ServerStatus;
    assert.deepEqual(
      [told.name, told.state, told.weight, told.override?.state],
      ["a", "draining", 1, "drain"],
    );
    await ask(proxy, 40);
    assert.deepEqual([a.count(), b.count()], [0, 40]);
  });

  test("shows beside what is configured, survives a reload and is undone", limit, async (t) => {
    const { proxy, config, a, b } = await startPair(t, 1);
    await patch(proxy, "b", { weight: 0 });
    await patch(proxy, "a", { weight: 7, state: "down" });
    await patch(proxy, "a", { state: "up" });
    await proxy.configure({ ...config, routes: [{ path: "/b*", upstream: "app" }, ...config.routes] });
    assert.equal((await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" })).status, 200);
    const shown = (await serversOf(proxy)).map(({ weight, state, configured, override }) => ({
      weight,
      state,
      configured,
      said: override?.weight,
    }));
    assert.deepEqual(shown, [
      { weight: 7, state: "up", configured: { weight: 1 }, said: 7 },
      { weight: 0, state: "draining", configured: { weight: 2 }, said: 0 },
    ]);
    await ask(proxy, 10);
    assert.deepEqual([a.count(), b.count()], [10, 0]);
    for (const server of ["a", "b"]) {
      const path = `${proxy.adminUrl}/api/upstreams/app/servers/${server}`;
      const undone = (await (await fetch(path, { method: "DELETE" })).json()) as ServerStatus;
      assert.deepEqual([undone.override, undone.weight], [null, undone.configured.weight]);
    }
    await ask(proxy, 9);
    assert.deepEqual([a.count(), b.count()], [13, 6]);
  });

  test("is refused where it makes no sense, and says where", limit, async (t) => {
    const { proxy } = await startPair(t, 1);
    const refusals: readonly [unknown, number, RegExp][] = [
      ["{", 400, /not JSON/],
      [{ weight: 257 }, 422, /"path":"weight".*0 to 256/],
      [{ weight: "1" }, 422, /"path":"weight"/],
      [{ state: "gone" }, 422, /"path":"state".*up, drain or down/],
      [{ wieght: 1 }, 422, /"path":"wieght"/],
      [{}, 422, /nothing is asked for/],
      [`{"weight":1,"x":"${"x".repeat(70_000)}"}`, 413, /longer than/],
    ];
    for (const [change, status, text] of refusals) {
      const answer = await patch(proxy, "a", change);
      assert.deepEqual([answer.status, text.test(await answer.text())], [status, true], String(text));
    }
    assert.equal((await patch(proxy, "nobody", { weight: 1 })).status, 404);
    assert.equal((await patch(proxy, "__proto__", { weight: 1 })).status, 404);
    const wrong = await fetch(`${proxy.adminUrl}/api/upstreams/app/servers/a`);
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "PATCH, DELETE"]);
  });
});

describe("events", () => {
  test("tell the status at once, and again every second", limit, async (t) => {
    const { proxy } = await startPair(t, 1);
    const answer = await fetch(`${proxy.adminUrl}/api/events`);
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const uptimes = () =>
      text
        .split("\n\n")
        .slice(0, -1)
        .map((event) => (JSON.parse(event.replace("data: ", "")) as { uptimeMs: number }).uptimeMs);
    while (uptimes().length < 3) text += (await reader.read()).value ?? "";
    const [first = 0, , third = 0] = uptimes();
    assert.ok(third - first > 1500 && third - first < 4000, `${third - first} ms`);
    await reader.cancel();
    assert.equal(await proxy.stop(), 0);
  });

  test("end with the proxy", limit, async (t) => {
    const { proxy } = await startPair(t, 1);
    const answer = await fetch(`${proxy.adminUrl}/api/events`);
    void answer.text().catch(() => {});
    assert.equal(await proxy.stop(), 0);
    await eventually(() => / info stopped/.test(proxy.logs()));
  });
});

describe("history", () => {
  test("has the running minute, and says what is wrong with a question", limit, async (t) => {
    const { proxy } = await startPair(t, 1);
    await ask(proxy, 4);
    const history = async (query: string) => fetch(`${proxy.adminUrl}/api/history${query}`);
    const { stepMs, points } = (await (await history("?upstream=app&server=a&minutes=5")).json()) as {
      stepMs: number;
      points: { at: number; requests: number }[];
    };
    assert.equal(stepMs, 60_000);
    assert.equal(
      points.reduce((sum, { requests }) => sum + requests, 0),
      2,
    );
    assert.equal(points.at(-1)!.at % 60_000, 0);
    assert.equal((await history("?upstream=app")).status, 200);
    assert.equal((await history("")).status, 200);
    assert.equal((await history("?upstream=nope")).status, 404);
    const wrong = await history("?minutes=10081");
    assert.deepEqual(
      [wrong.status, await wrong.json()],
      [422, { errors: [{ path: "minutes", message: "a whole number from 1 to 10080" }] }],
    );
    assert.match(await (await history("?server=a")).text(), /"path":"upstream"/);
    assert.match(await (await history("?minuets=1")).text(), /"path":"minuets"/);
  });
});
