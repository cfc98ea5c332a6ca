import assert from "node:assert/strict";

import { openSocket } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { startRecordingServer } from "./recording-server.ts";
import type { Recorded, RecordingServer } from "./recording-server.ts";

/** A name, the bytes, and what comes of them: on both runtimes, or on each. */
export type Case = readonly [name: string, bytes: string, bun: string, deno?: string];

/** The same, with the part of the request that the row is about instead of its bytes. */
export type Row = readonly [text: string, bun: string, deno?: string];

/** A proxy before a lenient server, and what comes of a request's bytes between them. */
export interface Judge {
  readonly port: number;
  readonly server: RecordingServer;
  /**
   * The statuses that the client got, then each request that the server saw, as `200 > GET /b`: with its host where that
   * is not `site.test`, and with its body. `cut` stands for a connection that ended without an answer.
   */
  readonly outcomeOf: (bytes: string) => Promise<string>;
}

/** Starts both; what begins with `/admin/` may never reach the server. */
export async function startJudge(t: Teardown): Promise<Judge> {
  const server = await startRecordingServer(t);
  const { port } = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url], balance: "round-robin" } },
    routes: [
      { path: "/admin/*", respond: { status: 403, body: "not for you" } },
      { path: "/*", upstream: "app" },
    ],
    accessLog: { format: "off" },
  });
  return {
    port,
    server,
    async outcomeOf(bytes) {
      server.forget();
      const statuses = await statusesOf(port, bytes);
      for (const request of server.requests) assertUnambiguous(request);
      return [statuses, ...server.requests.map(describeRequest)].join(" > ").replaceAll(`:${port}`, ":PORT");
    },
  };
}

/** Compares what came of all cases at once, so that a difference shows the whole row. */
export async function judgeAll(judge: Judge, cases: readonly Case[]): Promise<void> {
  const isBun = "Bun" in globalThis;
  const actual: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const [name, bytes, bun, deno = bun] of cases) {
    actual[name] = await judge.outcomeOf(bytes);
    expected[name] = isBun ? bun : deno;
  }
  assert.deepEqual(actual, expected);
}

/** Makes cases of rows. */
export function casesOf(rows: readonly Row[], toBytes: (text: string) => string): readonly Case[] {
  return rows.map(([text, bun, deno = bun]) => [text, toBytes(text), bun, deno]);
}

/** A request on its own connection, with `Host: site.test` and further lines. */
export function get(target: string, ...lines: string[]): string {
  return `GET ${target} HTTP/1.1\r\n${["Host: site.test", ...lines].join("\r\n")}\r\nConnection: close\r\n\r\n`;
}

/** How long an answer that does not come is waited for, ms: a whole one ends the connection, or is followed by none. */
const QUIET_MS = 250;

async function statusesOf(port: number, bytes: string): Promise<string> {
  const socket = await openSocket(port);
  let text = "";
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, 1_000);
    socket.on("data", (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(resolve, QUIET_MS);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.write(Buffer.from(bytes, "latin1"));
  });
  socket.destroy();
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => status).join("+") || "cut";
}

/** One host, at most one framing, no path that the router would have kept, and nothing that only we may say. */
export function assertUnambiguous({ line, fields }: Recorded): void {
  const count = (wanted: RegExp): number => fields.filter(([name]) => wanted.test(name)).length;
  assert.match(line, /^[A-Z]+ \/[!-~]* HTTP\/1\.1$/);
  assert.doesNotMatch(line, /^[A-Z]+ \/+(?:admin\/|[^?]*\/\.\.?[/; ])/);
  assert.equal(count(/^host$/), 1, line);
  assert.ok(count(/^(?:content-length|transfer-encoding)$/) <= 1, line);
  assert.equal(count(/^(?:upgrade|http2-settings|te|trailer|keep-alive|expect)$|^proxy-/), 0, line);
  for (const [name, value] of fields) assert.match(`${name}: ${value}`, /^[!#$%&'*+.^`|~\w-]+: [^\0\r\n]*$/);
}

function describeRequest({ line, fields, body }: Recorded): string {
  const [method, path] = line.split(" ");
  const host = fields.find(([name]) => name === "host")?.[1] ?? "";
  return `${method} ${host === "site.test" ? "" : host}${path}${body === "" ? "" : ` ${body}`}`;
}
