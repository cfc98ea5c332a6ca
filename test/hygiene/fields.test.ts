import assert from "node:assert/strict";
import { test } from "node:test";

import { get, startJudge } from "./judge.ts";
import type { Judge } from "./judge.ts";

/** The fields that the server got, without those that every request has. */
async function fieldsFor(judge: Judge, ...lines: string[]): Promise<Record<string, string>> {
  const outcome = await judge.outcomeOf(get("/x", ...lines));
  assert.equal(outcome, "200 > GET /x");
  const fields = judge.server.requests.flatMap((request) => request.fields);
  return Object.fromEntries(fields.filter(([name]) => !usual.has(name)));
}

const usual = new Set(["connection", "user-agent", "accept", "accept-language", "accept-encoding"]);
const ours = {
  host: "site.test",
  via: "1.1 headgate",
  "x-forwarded-for": "127.0.0.1",
  "x-forwarded-host": "site.test",
  "x-forwarded-port": "80",
  "x-forwarded-proto": "http",
  "x-real-ip": "127.0.0.1",
};

async function assertFields(
  judge: Judge,
  lines: readonly string[],
  passed: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { "x-request-id": requestId, ...fields } = await fieldsFor(judge, ...lines);
  assert.match(requestId ?? "", /^[\da-f]{32}$/);
  assert.deepEqual(fields, { ...ours, ...passed });
}

test("Connection takes away what a client may, and nothing of ours", async (t) =>
  assertFields(
    await startJudge(t),
    [
      "Connection: x-forwarded-for, X-Real-IP, cookie, Host, Authorization, X-Custom, via, x-request-id",
      "Cookie: a=b",
      "Authorization: Basic eDp5",
      "X-Custom: 1",
    ],
    { authorization: "Basic eDp5", cookie: "a=b" },
  ));

test("what a client says in our name is dropped, under any spelling", async (t) => {
  const judge = await startJudge(t);
  await assertFields(judge, [
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-For: 7.7.7.7",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Port: 1",
    "X-Forwarded-Server: evil.test",
    "X-Request-Id: evil",
  ]);
  await assertFields(judge, [
    "X_Forwarded_For: 6.6.6.6",
    "X.Real.IP: 6.6.6.6",
    "X_Forwarded_Proto: https",
    "X-Forwarded_For: 6.6.6.6",
    "X_Real-IP: 6.6.6.6",
    "X_Request_Id: evil",
    "Transfer_Encoding: chunked",
    "Content_Length: 50",
  ]);
});

test("an upgrade to HTTP/2 is not passed on", async (t) =>
  assertFields(await startJudge(t), [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
  ]));

test("fields of one connection end there", async (t) =>
  assertFields(await startJudge(t), [
    "Keep-Alive: timeout=5",
    "TE: trailers",
    "Trailer: X-T",
    "Proxy-Authorization: Basic eDp5",
    "Proxy-Connection: keep-alive",
    "Upgrade: foo/2",
  ]));

test("other fields arrive as they were, those of one name in one", async (t) =>
  assertFields(
    await startJudge(t),
    ["X-A: 1", "X-A: 2", "Cookie: a=1", "Cookie: b=2", "X-Latin: \xe9", "X-Empty:"],
    { "x-a": "1, 2", cookie: "a=1; b=2", "x-latin": "\xe9", "x-empty": "" },
  ));

test("headers past the runtime's own bounds are refused, and those below arrive", async (t) => {
  const judge = await startJudge(t);
  const many = (count: number): string =>
    get("/x", ...Array.from({ length: count }, (_, at) => `X-${at}: 1`));
  assert.equal(await judge.outcomeOf(many(90)), "200 > GET /x");
  assert.match(await judge.outcomeOf(many(250)), /^4(?:31|00)$/);
  assert.equal(await judge.outcomeOf(get("/x", `X-A: ${"a".repeat(12_000)}`)), "200 > GET /x");
  assert.match(await judge.outcomeOf(get("/x", `X-A: ${"a".repeat(100_000)}`)), /^4(?:31|00)$/);
  assert.equal(await judge.outcomeOf(get(`/${"a".repeat(12_000)}`)), "414");
});
