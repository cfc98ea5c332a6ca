import assert from "node:assert/strict";
import { connect } from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { test } from "node:test";

import { startPlaneFor } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { startRecordingServer } from "./recording-server.ts";
import type { RecordingServer } from "./recording-server.ts";

const isBun = "Bun" in globalThis;

interface Http2 {
  readonly server: RecordingServer;
  readonly port: number;
}

async function startHttp2(t: Teardown, http2 = true): Promise<Http2> {
  const server = await startRecordingServer(t);
  const { port } = await startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", http2 } },
    upstreams: { app: { servers: [server.url], balance: "round-robin" } },
    routes: [
      { path: "/admin/*", respond: { status: 403, body: "not for you" } },
      { path: "/*", host: "site.test", upstream: "app" },
    ],
    accessLog: { format: "off" },
  });
  return { server, port };
}

/** What a request was answered; "refused" where the stream or the connection was broken off. */
function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<number | "refused"> {
  return new Promise((resolve) => {
    try {
      const stream = session.request({
        ":method": "GET",
        ":path": "/x",
        ":authority": "site.test",
        ...headers,
      });
      stream.on("response", (answer: IncomingHttpHeaders & { ":status"?: number }) =>
        resolve(answer[":status"] ?? 0),
      );
      stream.on("error", () => resolve("refused"));
      stream.on("close", () => resolve("refused"));
      stream.resume();
      stream.end(body);
    } catch {
      resolve("refused");
    }
  });
}

/** What the client is answered, and what the server saw; a session of its own, since one fault may end it. */
async function outcomeOf(
  { port, server }: Http2,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<string> {
  server.forget();
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const status = await ask(session, headers, body);
  session.destroy();
  return [
    status,
    ...server.requests.map((request) => `${request.line.replace(" HTTP/1.1", "")} ${request.body}`.trim()),
  ].join(" > ");
}

/** Fields, and what comes of them. `refused` is a broken stream: some of these Node's client does not even send. */
const cases: readonly (readonly [headers: OutgoingHttpHeaders, bun: string, deno?: string])[] = [
  [{}, "200 > GET /x"],
  [{ host: "site.test" }, "200 > GET /x"],
  [{ host: "evil.test" }, "refused", "400"],
  [{ ":authority": "site.test:80" }, "200 > GET /x"],
  [{ ":authority": "u:p@site.test" }, "refused", "400"],
  [{ ":authority": "site.test/x" }, "400", "refused"],
  [{ ":authority": "evil.test" }, "404"],
  [{ connection: "x-forwarded-for" }, "refused"],
  [{ te: "trailers" }, "200 > GET /x"],
  [{ "transfer-encoding": "chunked" }, "refused"],
  [{ upgrade: "h2c" }, "refused"],
  [{ ":path": "/public/../admin/x" }, "403"],
  [{ ":path": "x" }, "refused", "200 > GET /x"],
  [{ ":path": "http://evil.test/x" }, "refused", "200 > GET /http://evil.test/x"],
  [{ ":path": "//admin/x" }, "403"],
  [{ ":path": "*", ":method": "OPTIONS" }, "400", "200 > OPTIONS /*"],
  [{ ":path": "/a b HTTP/1.1" }, "refused"],
  [{ ":path": "/a\r\nX-Evil: 1" }, "refused"],
  [{ ":method": "GET /smuggled HTTP/1.1" }, "refused"],
  [{ ":method": "FOO" }, "501"],
  [{ ":method": "TRACE" }, "405"],
  [{ "x-a": "a".repeat(12_000) }, "200 > GET /x"],
  [{ "x-a": "a".repeat(30_000) }, "431"],
  [{ ":scheme": "https" }, "200 > GET /x"],
  [{ "x-a": "a\r\nx-evil: 1" }, "refused"],
  [{ ":method": "POST", "content-length": "3" }, "200 > POST /x abc"],
  [{ ":method": "POST", "content-length": "5" }, "refused"],
  [{ ":method": "POST", "content-length": "1" }, "refused"],
  [{ ":method": "POST" }, "200 > POST /x abc"],
];

test("a request over HTTP/2 is held to the same rules", async (t) => {
  const http2 = await startHttp2(t);
  const actual: string[] = [];
  const expected: string[] = [];
  for (const [headers, bun, deno = bun] of cases) {
    const name = JSON.stringify(headers).slice(0, 60);
    actual.push(
      `${name}: ${await outcomeOf(http2, headers, headers[":method"] === "POST" ? "abc" : undefined)}`,
    );
    expected.push(`${name}: ${isBun ? bun : deno}`);
  }
  assert.deepEqual(actual, expected);
});

test("HTTP/2 without TLS needs http2: true on Bun; Deno takes it anyway", async (t) => {
  const http2 = await startHttp2(t, false);
  assert.equal(await outcomeOf(http2, {}), isBun ? "refused" : "200 > GET /x");
});
