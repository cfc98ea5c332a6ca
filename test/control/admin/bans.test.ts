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
