import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { get } from "../../hygiene/judge.ts";
import { eventually } from "../../kit/eventually.ts";
import { rawRequest } from "../../kit/raw-request.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";

/** What would end a field or a line, or make a terminal act, sent as plainly as the runtimes let it pass. */
const NASTY = `"' \\" {"a":1} \\n\\x1b[2J \x80\x85\x9b31m\xa0\xff \u00e2\u0080\u00a8 %0d%0a`;

const requests: readonly string[] = [
  get("/x", `User-Agent: ${NASTY}`, `Referer: ${NASTY}`),
  get(`/%0d%0aInjected:%201/%1b%5b2J/%22/%e2%80%a8`, "User-Agent: b"),
  get(`/x?a=%0d%0a%22&b="'<>\\`, "User-Agent: c"),
  get("/x", `X-Forwarded-For: ${NASTY}`, `X-Request-Id: ${NASTY}`, "User-Agent: d"),
  get("/x", `Traceparent: ${NASTY}`, `Cookie: ${NASTY}`, `Authorization: ${NASTY}`, "User-Agent: e"),
];

/** The log of these requests, without its last line break. */
async function logOf(t: Teardown, format: "json" | "combined"): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-log-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const output = join(directory, "access.log");
  const { port } = await startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] } },
    routes: [{ path: "/*", respond: { body: "ok" } }],
    accessLog: { format, output },
  });
  for (const request of requests) assert.match(await rawRequest(port, request), /^HTTP\/1\.1 (?:200|400) /);
  const text = await eventually(async () => {
    const found = await readFile(output, "utf8");
    return found.split("\n").length > requests.length && found;
  });
  return text.replace(/\n$/, "");
}

for (const format of ["json", "combined"] as const)
  test(`nothing that a client sends ends a line of the ${format} log, or makes a terminal act`, async (t) => {
    const text = await logOf(t, format);
    assert.equal(text.split("\n").length, requests.length);
    assert.doesNotMatch(text, /[\p{Cc}--\n]|\u2028|\u2029/v);
  });

test("what a client sends is told as it came in the JSON log", async (t) => {
  const [first, ...others] = (await logOf(t, "json"))
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(first?.["userAgent"], NASTY);
  assert.equal(first?.["referer"], NASTY);
  for (const line of others) {
    assert.match(String(line["userAgent"]), /^[b-e]$/);
    assert.equal(line["client"], "127.0.0.1");
    assert.match(String(line["id"]), /^[\da-f]{32}$/);
  }
});

test("what a client sends stays in its field of the combined log", async (t) => {
  for (const line of (await logOf(t, "combined")).split("\n"))
    assert.match(line, /^127\.0\.0\.1 - - \[[^\]]+\] "[^"]*" [24]00 \d+ "[^"]*" "[^"]*"$/);
});
