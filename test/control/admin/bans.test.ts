import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startProxy } from "../../kit/start-proxy.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 30_000 };

interface Ban {
  readonly client: string;
  readonly until: number;
  readonly reason: string;
  readonly refusals: number;
}

async function start(t: Teardown, workers: number) {
  const proxy = await startProxy(t, {
    workers,
    listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } },
    routes: [{ path: "/*", respond: { body: "ok" } }],
    limits: { rate: [{ key: "client-ip", rate: "1/h" }], ban: { after: 2 } },
  });
  const ask = async (client: string): Promise<number> => {
    const headers = { "x-forwarded-for": client, connection: "close" };
    const answer = await fetch(proxy.url, { headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  const bans = async () => (await (await fetch(`${proxy.adminUrl}/api/bans`)).json()) as readonly Ban[];
  const lift = async (client: string) =>
    (await fetch(`${proxy.adminUrl}/api/bans/${encodeURIComponent(client)}`, { method: "DELETE" })).status;
  return { ...proxy, ask, bans, lift };
}

for (const workers of [1, 2]) {
  describe(`bans of ${workers} workers`, () => {
    test("hold on all of them, are listed, and are lifted", limit, async (t) => {
      const { ask, bans, lift } = await start(t, workers);
      assert.deepEqual(await bans(), []);
      for (const status of [200, 429, 429, 403, 403, 403]) assert.equal(await ask("2001:db8::1"), status);
      for (const status of [200, 429, 429, 403]) assert.equal(await ask("192.0.2.7"), status);
      const all = await bans();
      assert.deepEqual(all.map(({ client }) => client).toSorted(), ["192.0.2.7", "2001:db8::/64"]);
      for (const { until, reason, refusals } of all) {
        assert.ok(Math.abs(until - Date.now() - 600_000) < 20_000);
        assert.deepEqual([reason, refusals], ["rate", 2]);
      }
      assert.equal(await lift("2001:db8::/64"), 204);
      assert.equal(await ask("2001:db8::1"), 429);
      assert.equal(await lift("2001:db8::/64"), 404);
      assert.equal(await lift("nonsense"), 404);
      assert.equal((await bans()).length, 1);
    });
  });
}

describe("a ban by a person", () => {
  const ban = (adminUrl: string, order: object) =>
    fetch(`${adminUrl}/api/bans`, { method: "POST", body: JSON.stringify(order) });

  test("holds where limits ban nobody, until it is lifted", limit, async (t) => {
    const { url, adminUrl } = await startProxy(t, {
      workers: 2,
      routes: [
        { path: "/open", respond: { body: "ok" }, limits: { ban: "off" } },
        { path: "/*", respond: { body: "ok" } },
      ],
    });
    const ask = async (path: string) =>
      (await fetch(url + path, { headers: { connection: "close" } })).status;
    assert.equal(await ask("/"), 200);
    const answer = await ban(adminUrl, { client: "127.0.0.1", forMs: 60_000 });
    assert.equal(answer.status, 201);
    const { until, ...told } = (await answer.json()) as Ban;
    assert.deepEqual(told, { client: "127.0.0.1", reason: "ban", refusals: 0 });
    assert.ok(Math.abs(until - Date.now() - 60_000) < 10_000);
    for (let n = 0; n < 6; n++) assert.equal(await ask("/"), 403);
    assert.equal(await ask("/open"), 200);
    await fetch(`${adminUrl}/api/bans/127.0.0.1`, { method: "DELETE" });
    assert.equal(await ask("/"), 200);
  });

  test("takes an IPv6 client as its prefix, and refuses what is none", limit, async (t) => {
    const { adminUrl } = await start(t, 1);
    const answer = await ban(adminUrl, { client: "2001:db8::17", forMs: 60_000 });
    assert.equal(((await answer.json()) as Ban).client, "2001:db8::/64");
    for (const [order, path] of [
      [{ client: "example.com", forMs: 60_000 }, "client"],
      [{ client: "10.0.0.0/8", forMs: 60_000 }, "client"],
      [{ client: "10.0.0.1", forMs: 0 }, "forMs"],
      [{ client: "10.0.0.1", forMs: 604_800_001 }, "forMs"],
    ] as const) {
      const refused = await ban(adminUrl, order);
      assert.equal(refused.status, 422);
      const { errors } = (await refused.json()) as { readonly errors: readonly { readonly path: string }[] };
      assert.equal(errors[0]?.path, path);
    }
  });
});
