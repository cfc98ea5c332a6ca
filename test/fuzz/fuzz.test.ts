/**
 * Throws bytes at a proxy that are nearly requests. Longer by hand:
 * `FUZZ_SECONDS=600 bun test test/fuzz --timeout 700000`; a failure names FUZZ_SEED and FUZZ_FROM, with which it comes again.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { assertUnambiguous } from "../hygiene/judge.ts";
import { startRecordingServer } from "../hygiene/recording-server.ts";
import type { Recorded } from "../hygiene/recording-server.ts";
import { eventually } from "../kit/eventually.ts";
import { openSocket } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import { makeCase } from "./mutate.ts";
import type { FuzzCase } from "./mutate.ts";
import { readAnswers } from "./read-answers.ts";

const seconds = Number(process.env["FUZZ_SECONDS"] ?? 5);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261122);
const first = Number(process.env["FUZZ_FROM"] ?? 0);

/** Connections at a time: what goes wrong is looked for among so few cases. */
const TOGETHER = 8;

/** How long an answer that does not come is waited for, ms. */
const QUIET_MS = 60;

test(
  "Whatever bytes come in, the server sees one request for one, and the client whole answers",
  {
    timeout: seconds * 1000 + 25_000,
  },
  async (t) => {
    const server = await startRecordingServer(t);
    const plane = await startPlaneFor(t, {
      upstreams: { app: { servers: [server.url], balance: "round-robin", retry: { attempts: 0 } } },
      routes: [
        { path: "/admin/*", respond: { status: 403, body: "not for you" } },
        { path: "/*", upstream: "app" },
      ],
      accessLog: { format: "off" },
    });
    const seen = new Set<string>();
    const endsAt = performance.now() + seconds * 1000;
    for (let number = first; performance.now() < endsAt; number += TOGETHER) {
      const cases = Array.from({ length: TOGETHER }, (_, n) => makeCase(seed, number + n));
      try {
        await Promise.all(cases.map((one) => play(plane.port, one)));
        for (const request of server.requests) assertOurs(request, seen);
        assert.deepEqual(plane.faults, []);
      } catch (error) {
        const again = `FUZZ_SEED=${seed} FUZZ_FROM=${number}`;
        throw new Error(`${again}: ${String(error)}\n${JSON.stringify(cases, undefined, 1)}`, {
          cause: error,
        });
      }
      server.forget();
    }
    assert.equal((await fetch(plane.url)).status, 200);
    await eventually(() => plane.board.exchanges() === 0, 10_000);
    assert.equal(plane.counts().inflight, 0);
    assert.ok(seen.size > 100, `only ${seen.size} requests passed: the cases are too wild to try anything`);
  },
);

async function play(port: number, { parts }: FuzzCase): Promise<void> {
  const socket = await openSocket(port);
  let text = "";
  const quiet = (): Promise<void> =>
    new Promise((resolve) => {
      let timer = setTimeout(resolve, QUIET_MS);
      socket.on("close", resolve);
      socket.on("data", () => {
        clearTimeout(timer);
        timer = setTimeout(resolve, QUIET_MS);
      });
    });
  socket.on("data", (chunk: Uint8Array) => (text += Buffer.from(chunk).toString("latin1")));
  for (const part of parts) {
    socket.write(Buffer.from(part, "latin1"));
    await quiet();
  }
  socket.destroy();
  readAnswers(text);
}

/** What reaches the server has passed through us, once: it bears our marks, and nothing in it has two readings. */
function assertOurs(request: Recorded, seen: Set<string>): void {
  const all = (wanted: string): string[] =>
    request.fields.filter(([name]) => name === wanted).map(([, value]) => value);
  const [id = "", ...others] = all("x-request-id");
  assert.deepEqual(others, [], request.line);
  assert.match(id, /^[0-9a-f]{32}$/, request.line);
  assert.ok(!seen.has(id), `${request.line} came twice`);
  seen.add(id);
  assert.match(all("via").join(), /(?:^|, ?)1\.1 headgate$/, request.line);
  // We open a WebSocket ourselves where the client asks for one.
  const fields = request.fields.filter(([name, value]) => name !== "upgrade" || value !== "websocket");
  assertUnambiguous({ ...request, fields });
}
