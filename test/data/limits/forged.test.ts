import assert from "node:assert/strict";
import { test } from "node:test";

import { get } from "../../hygiene/judge.ts";
import { rawRequest } from "../../kit/raw-request.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";

const VICTIM = "203.0.113.9";
const ATTACKER = "198.51.100.7";

/** Two doors of one site: behind a proxy that tells the client's address, and open to everybody. */
async function start(
  t: Teardown,
): Promise<(door: "proxied" | "open", forwardedFor: string) => Promise<number>> {
  const { ports } = await startPlaneFor(t, {
    listeners: {
      proxied: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] },
      open: { bind: "127.0.0.1:0" },
    },
    limits: {
      rate: [{ key: "client-ip", rate: "1/m", burst: 3 }],
      ban: { after: 3, window: "1m", for: "10m" },
    },
    routes: [{ path: "/*", respond: { body: "ok" } }],
    accessLog: { format: "off" },
  });
  return async (door, forwardedFor) => {
    const answer = await rawRequest(ports[door] ?? 0, get("/", `X-Forwarded-For: ${forwardedFor}`));
    return Number(answer.slice(9, 12));
  };
}

test("nobody is banned for what others do in their name", async (t) => {
  const ask = await start(t);
  for (let turn = 0; turn < 10; turn++) await ask("proxied", `${VICTIM}, ${ATTACKER}`);
  for (let turn = 0; turn < 10; turn++) await ask("open", VICTIM);
  assert.equal(await ask("proxied", ATTACKER), 403);
  assert.equal(await ask("open", ATTACKER), 403, "the peer of the open door is who asked there");
  assert.equal(await ask("proxied", VICTIM), 200);
});

test("nobody leaves a ban or a limit behind by another name", async (t) => {
  const ask = await start(t);
  const statuses: number[] = [];
  for (let turn = 0; turn < 8; turn++) statuses.push(await ask("open", `203.0.113.${turn}`));
  assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429, 403, 403]);
  statuses.length = 0;
  for (let turn = 0; turn < 8; turn++) statuses.push(await ask("proxied", `10.0.0.${turn}, ${ATTACKER}`));
  assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429, 403, 403]);
});
