import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";

const ok = { respond: { body: "ok" } };
const listeners = { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } };

const table = [
  { access: { deny: ["10.0.0.0/8"] }, client: "10.1.2.3", status: 403 },
  { access: { deny: ["10.0.0.0/8"] }, client: "11.1.2.3", status: 200 },
  { access: { allow: ["10.0.0.0/8"] }, client: "10.1.2.3", status: 200 },
  { access: { allow: ["10.0.0.0/8"] }, client: "::ffff:10.1.2.3", status: 200 },
  { access: { allow: ["10.0.0.0/8"] }, client: "2001:db8::1", status: 403 },
  { access: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] }, client: "10.1.2.3", status: 403 },
  { access: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] }, client: "10.2.2.3", status: 200 },
  { access: { allow: ["2001:db8::/32"] }, client: "2001:db8:1::1", status: 200 },
] as const;

for (const { access, client, status } of table) {
  test(`access ${JSON.stringify(access)} answers ${status} to ${client}, exempt or not`, async (t) => {
    const routes = [{ path: "/*", ...ok, access }];
    const { url, board } = await startPlaneFor(t, { listeners, routes, limits: { exempt: [client] } });
    const answer = await fetch(url, { headers: { "x-forwarded-for": client } });
    assert.equal(answer.status, status);
    assert.equal(board.counter(refusalCounter("access")), status === 403 ? 1 : 0);
  });
}
