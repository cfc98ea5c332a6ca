import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { liftBan, listBans, restoreBan } from "../../../src/data/limits/bans.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";

const ok = { respond: { body: "ok" } };
const listeners = { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } };
const rate = [{ key: "client-ip", rate: "1/h" }];

async function start(t: Teardown, ban: object = { after: 3, window: "1m", for: "5m" }) {
  const routes = [
    { path: "/open", ...ok, limits: { ban: "off", rate: [] } },
    { path: "/lenient", ...ok, limits: { ban: "off", rate } },
    { path: "/*", ...ok },
  ];
  const { url, board } = await startPlaneFor(t, { listeners, routes, limits: { rate, ban } });
  const ask = async (client: string, path = "/") =>
    (await fetch(url + path, { headers: { "x-forwarded-for": client } })).status;
  return { url, board, ask };
}

describe("a ban", () => {
  test("answers 403 after so many refusals, until it is lifted", async (t) => {
    const { board, ask } = await start(t);
    for (const status of [200, 429, 429, 429, 403, 403]) assert.equal(await ask("2001:db8::1"), status);
    assert.equal(await ask("2001:db8::2"), 403);
    assert.equal(await ask("10.0.0.1"), 200);
    const [ban, ...others] = listBans(board, Date.now());
    assert.deepEqual(others, []);
    assert.ok(Math.abs((ban?.until ?? 0) - Date.now() - 300_000) < 10_000);
    assert.deepEqual(
      { ...ban, until: 0 },
      { client: "2001:db8::/64", until: 0, reason: "rate", refusals: 3 },
    );
    assert.equal(liftBan(board, "2001:db8::/64", Date.now()), true);
    assert.equal(liftBan(board, "2001:db8::/64", Date.now()), false);
    assert.equal(await ask("2001:db8::1"), 429);
  });

  test("says how long it lasts", async (t) => {
    const { url, ask } = await start(t);
    for (let n = 0; n < 4; n++) await ask("127.0.0.1");
    const banned = await fetch(url);
    assert.equal(banned.status, 403);
    assert.ok(Number(banned.headers.get("retry-after")) > 290);
  });

  test("neither holds nor comes where a route says off", async (t) => {
    const { ask } = await start(t);
    for (let n = 0; n < 6; n++) assert.equal(await ask("10.0.0.2", "/lenient"), n === 0 ? 200 : 429);
    assert.equal(await ask("10.0.0.2"), 200);
    for (const status of [429, 429, 429, 403]) assert.equal(await ask("10.0.0.2"), status);
    assert.equal(await ask("10.0.0.2", "/open"), 200);
  });

  test("comes back from what was remembered", async (t) => {
    const { board, ask } = await start(t);
    const until = Date.now() + 60_000;
    restoreBan(board, { client: "10.0.0.3", until, reason: "rate", refusals: 9 }, Date.now());
    restoreBan(board, { client: "10.0.0.4", until: Date.now() - 1, reason: "rate", refusals: 9 }, Date.now());
    assert.equal(await ask("10.0.0.3"), 403);
    assert.equal(await ask("10.0.0.4"), 200);
    assert.equal(listBans(board, Date.now())[0]?.refusals, 9);
    assert.equal(liftBan(board, "nonsense", Date.now()), false);
  });

  test("does not come of a limit that is not the client's fault", async (t) => {
    const routes = [{ path: "/*", ...ok, access: { deny: ["0.0.0.0/0"] } }];
    const { url } = await startPlaneFor(t, { routes, limits: { ban: { after: 1 } } });
    for (let n = 0; n < 5; n++) assert.equal((await fetch(url)).headers.has("retry-after"), false);
  });
});
