import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../kit/eventually.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { puzzleIn, solve } from "./solve.ts";

const accept = "text/html";

/** Every request on a connection of its own, so that both workers take some. */
async function statuses(url: string, cookie: string): Promise<Set<number>> {
  const asked = Array.from({ length: 12 }, () =>
    fetch(url, { headers: { accept, cookie, connection: "close" } }),
  );
  return new Set((await Promise.all(asked)).map(({ status }) => status));
}

test("A clearance holds on every worker, and over a reload", { timeout: 40_000 }, async (t) => {
  const config = {
    workers: 2,
    routes: [{ path: "/*", respond: { body: "ok" } }],
    limits: { challenge: { mode: "always", difficulty: 8 } },
    storage: "off",
  };
  const proxy = await startProxy(t, config);
  const page = await fetch(proxy.url, { headers: { accept } });
  const solution = solve(puzzleIn(await page.text()));
  const cleared = await fetch(proxy.url, { headers: { accept, "headgate-challenge": solution } });
  const cookie = cleared.headers.getSetCookie()[0]!.split(";")[0]!;
  assert.deepEqual(await statuses(proxy.url, cookie), new Set([200]));
  assert.deepEqual(await statuses(proxy.url, ""), new Set([429]));
  await proxy.configure({ ...config, routes: [{ path: "/*", respond: { status: 202, body: "new" } }] });
  proxy.signal("SIGHUP");
  await eventually(async () => (await statuses(proxy.url, cookie)).has(202));
  assert.equal((await statuses(proxy.url, cookie)).has(429), false);
});
