import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { get } from "./judge.ts";

/** As much as both runtimes take in a head. */
const HEAD_BYTES = 14_000;

/** Far more than any of these takes, and far less than what is not linear would. */
const MOST_MS = 500;

const fill = (piece: (index: number) => string, separator: string): string => {
  let text = "";
  for (let index = 0; text.length < HEAD_BYTES; index++)
    text += `${index === 0 ? "" : separator}${piece(index)}`;
  return text;
};

async function start(t: Teardown): Promise<TestPlane> {
  return startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", trustedProxies: ["127.0.0.1", "10.0.0.0/8"] } },
    limits: {
      uri: "64KiB",
      headers: "64KiB",
      rate: [
        { key: "client-ip", rate: "1000/s" },
        { key: "cookie:none", rate: "1000/s" },
      ],
    },
    routes: [
      {
        path: "/*",
        query: { none: "1", other: "/^(a+)+$/" },
        cookies: { none: "/^(a|a)*$/" },
        respond: { body: "no" },
      },
      { path: "/*", headers: { "x-long": "/(x+x+)+y/" }, respond: { body: "no" } },
      {
        path: "/*",
        filters: {
          request: [
            { block: { in: "query", find: "/(a+)+$|(x*)*y/" } },
            { block: { in: "path", find: "/(a|a)*b$/" } },
            { removeQuery: ["none"] },
            { setQuery: { mine: "1" } },
          ],
        },
        respond: { body: "ok" },
      },
    ],
    accessLog: { format: "off" },
  });
}

const requests: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ["addresses in X-Forwarded-For", get("/", `X-Forwarded-For: ${fill(() => "10.0.0.1", ",")}`), 200],
  ["nothing but commas in X-Forwarded-For", get("/", `X-Forwarded-For: ${",".repeat(HEAD_BYTES)}`), 200],
  ["elements in Forwarded", get("/", `Forwarded: ${fill(() => "for=10.0.0.1", ",")}`), 200],
  ["an open quote in Forwarded", get("/", `Forwarded: for="${"\\a".repeat(HEAD_BYTES / 2)}`), 200],
  ["cookies", get("/", `Cookie: ${fill((index) => `c${index}=a`, "; ")}`), 200],
  ["signs without a name in Cookie", get("/", `Cookie: ${"=;".repeat(HEAD_BYTES / 2)}`), 200],
  [
    "languages and types",
    get("/nowhere", `Accept: ${fill((index) => `a/b${index};q=0.${index % 10}`, ",")}`),
    200,
  ],
  ["codings", get("/", `Accept-Encoding: ${fill((index) => `c${index};q=0.1`, ",")}`), 200],
  ["options in Connection", get("/", `Connection: ${fill((index) => `x-${index}`, ",")}`), 200],
  ["parameters", get(`/?${fill((index) => `p${index}=1`, "&")}`), 200],
  ["parameters of one name", get(`/?${fill(() => "other=b", "&")}`), 200],
  ["empty parameters", get(`/?${"&".repeat(HEAD_BYTES)}`), 200],
  ["percent signs", get(`/?${"%61".repeat(HEAD_BYTES / 3)}b`), 200],
  ["a text that many patterns take long over", get(`/?other=${"a".repeat(HEAD_BYTES)}!`), 200],
  ["the same in a header", get("/", `X-Long: ${"x".repeat(HEAD_BYTES)}`), 200],
  ["the same in the path", get(`/${"a".repeat(HEAD_BYTES)}`), 200],
  ["segments", get("/a".repeat(HEAD_BYTES / 2)), 200],
  ["dot segments", get(`${"/a/..".repeat(HEAD_BYTES / 5)}/x`), 200],
  ["slashes", get(`/${"/".repeat(HEAD_BYTES)}`), 200],
  [
    "trace states",
    get(
      "/",
      "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      `Tracestate: ${fill((index) => `a${index}=b`, ",")}`,
    ),
    200,
  ],
];

test("no number of small things in a head takes long", async (t) => {
  const { port, faults } = await start(t);
  await rawRequest(port, get("/"));
  const actual: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const [what, bytes, status] of requests) {
    const startedMs = performance.now();
    const answer = await rawRequest(port, bytes);
    const tookMs = performance.now() - startedMs;
    actual[what] = [Number(answer.slice(9, 12)), tookMs < MOST_MS || tookMs];
    expected[what] = [status, true];
  }
  assert.deepEqual(actual, expected);
  assert.deepEqual(faults, []);
});
