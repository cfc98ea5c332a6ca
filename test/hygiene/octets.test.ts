import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";

import { createFrameReader, frameType, preface, requestFields, requestFrame } from "../kit/http2-frames.ts";
import { openSocket } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import type { Teardown } from "../kit/teardown.ts";
import { get } from "./judge.ts";
import { startRecordingServer } from "./recording-server.ts";
import type { RecordingServer } from "./recording-server.ts";

/** All but the line ends, which end a line whatever stands around them. */
const octets = Array.from({ length: 256 }, (_, octet) => octet).filter(
  (octet) => octet !== 10 && octet !== 13,
);

/** RFC 9110, 5.5. */
const isForbidden = (octet: number): boolean => (octet < 0x20 && octet !== 9) || octet === 0x7f;

async function start(t: Teardown): Promise<{ server: RecordingServer; plane: TestPlane }> {
  const server = await startRecordingServer(t);
  const plane = await startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", http2: true } },
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app" }],
    accessLog: { format: "off" },
  });
  return { server, plane };
}

/** What comes back, up to where `isEnough`, or to the end of the connection. */
async function answerTo(
  port: number,
  bytes: string | Uint8Array,
  isEnough: (received: Buffer) => boolean,
): Promise<Buffer> {
  const socket = await openSocket(port);
  let received = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk: Uint8Array) => {
      received = Buffer.concat([received, chunk]);
      if (isEnough(received)) resolve();
    });
    socket.on("close", () => resolve());
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  });
  socket.destroy();
  return received;
}

async function statusFor(port: number, line: string): Promise<number> {
  const answer = await answerTo(port, get("/x", line), (received) => received.includes("\r\n"));
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString("latin1"))?.[1]);
}

/** Nothing of it was the server's fault. */
function assertUnblamed({ counts, faults }: TestPlane, server: RecordingServer): void {
  assert.equal(counts().errors, 0);
  assert.equal(counts().requests, server.requests.length);
  assert.deepEqual(faults, []);
}

test("an octet that no field may hold is 400, wherever it stands in a value, and no server's fault", async (t) => {
  const { server, plane } = await start(t);
  for (const octet of octets) {
    const character = String.fromCharCode(octet);
    const status = isForbidden(octet) ? 400 : 200;
    assert.equal(await statusFor(plane.port, `X-A: b${character}c`), status, `${octet} amid`);
    assert.equal(await statusFor(plane.port, `Cookie: a=${character}`), status, `${octet} at the end`);
  }
  for (const name of ["Traceparent", "X-Request-Id", "X-Forwarded-For", "Accept", "User-Agent", "Upgrade"])
    assert.equal(await statusFor(plane.port, `${name}: \x7f`), 400, name);
  assertUnblamed(plane, server);
});

test("such an octet over HTTP/2 is 400, or ends the stream or the connection", async (t) => {
  const { server, plane } = await start(t);
  for (const octet of [...octets.filter(isForbidden), 10, 13]) {
    const fields = requestFields("/x", ["x-a", `b${String.fromCharCode(octet)}c`]);
    const read = createFrameReader();
    let end: number | undefined;
    await answerTo(plane.port, Buffer.concat([preface, requestFrame(1, fields)]), (received) => {
      const ends = [frameType.headers, frameType.resetStream, frameType.goAway] as readonly number[];
      end ??= read(received).find(({ type }) => ends.includes(type))?.type;
      return end !== undefined;
    });
    assert.notEqual(end, undefined, `${octet}`);
  }
  assert.deepEqual(server.requests, []);
  assertUnblamed(plane, server);
});
