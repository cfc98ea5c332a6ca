import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { test } from "node:test";

import { eventually } from "../kit/eventually.ts";
import {
  createFrameReader,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  frameType,
  preface,
  requestFields,
  requestFrame,
} from "../kit/http2-frames.ts";
import type { ReceivedFrame } from "../kit/http2-frames.ts";
import { openSocket } from "../kit/raw-request.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import type { TestPlane } from "../kit/start-plane.ts";
import { startServer } from "../kit/start-server.ts";
import type { Teardown } from "../kit/teardown.ts";

const PER_CLIENT = 10;
const BODY_BYTES = 10_000;

interface Flooded {
  readonly plane: TestPlane;
  /** How many requests the server saw. */
  readonly seen: () => number;
  readonly socket: Socket;
  readonly frames: ReceivedFrame[];
  readonly isClosed: () => boolean;
}

/** A proxy before a server that answers `/long` with more than any window, and a client that has said its first words. */
async function start(t: Teardown, firstWords: Buffer = preface): Promise<Flooded> {
  let seen = 0;
  const server = await startServer(t, (request, response) => {
    seen++;
    request.resume();
    if (request.url === "/long") response.end(Buffer.alloc(10_000_000));
    else if (request.method === "GET") response.end("ok");
  });
  const plane = await startPlaneFor(t, {
    listeners: { web: { bind: "127.0.0.1:0", http2: true } },
    limits: { body: `${BODY_BYTES}B`, concurrency: { perClient: PER_CLIENT } },
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app" }],
  });
  const socket = await openSocket(plane.port);
  t.after(() => socket.destroy());
  const frames: ReceivedFrame[] = [];
  const read = createFrameReader();
  let isClosed = false;
  socket.on("data", (chunk: Uint8Array) => void frames.push(...read(chunk)));
  socket.on("close", () => (isClosed = true));
  socket.write(firstWords);
  return { plane, seen: () => seen, socket, frames, isClosed: () => isClosed };
}

/** Writes on and on, as fast as somebody reads, until it is cut or has said all. */
async function pour(
  { socket, isClosed }: Flooded,
  count: number,
  make: (index: number) => Buffer,
): Promise<void> {
  for (let index = 0; index < count && !isClosed(); index++) {
    const isTaken = socket.write(make(index));
    if (!isTaken || index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Others are served, and nothing of the flood is left. */
async function assertUnharmed({ plane, socket }: Flooded): Promise<void> {
  socket.destroy();
  await eventually(() => plane.board.exchanges() === 0);
  const answer = await fetch(plane.url);
  assert.deepEqual([answer.status, await answer.text()], [200, "ok"]);
  assert.deepEqual(plane.faults, []);
}

const open = (stream: number, fields: Buffer): Buffer =>
  frame(frameType.headers, { flags: END_HEADERS, stream, payload: fields });

const post = (...more: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(
    [
      [":method", "POST"] as const,
      [":scheme", "http"] as const,
      [":authority", "site.test"] as const,
      [":path", "/upload"] as const,
      ...more,
    ].map(([name, value]) => field(name, value)),
  );

const endless: readonly (readonly [what: string, make: (index: number) => Buffer])[] = [
  [
    "with fields",
    (index) => frame(frameType.continuation, { stream: 1, payload: field(`x-${index}`, "a".repeat(100)) }),
  ],
  ["with nothing", () => frame(frameType.continuation, { stream: 1 })],
];
for (const [what, make] of endless)
  test(`a head that goes on for ever ${what} ends its connection`, async (t) => {
    const flooded = await start(t);
    flooded.socket.write(
      frame(frameType.headers, { flags: END_STREAM, stream: 1, payload: requestFields("/") }),
    );
    await pour(flooded, 20_000, make);
    await eventually(() => flooded.isClosed());
    assert.equal(flooded.seen(), 0);
    await assertUnharmed(flooded);
  });

test("a head of a megabyte ends its connection or is refused, sent plainly or from a table", async (t) => {
  const entry = Buffer.concat([
    Buffer.of(0x40, 3),
    Buffer.from("x-a"),
    Buffer.of(127, 0xbd, 0x1d),
    Buffer.alloc(3900, 97),
  ]);
  for (const fields of [
    requestFields("/", ...Array.from({ length: 64 }, (_, index) => [`x-${index}`, "a".repeat(250)] as const)),
    Buffer.concat([requestFields("/"), entry, Buffer.alloc(1_000_000 / 3900, 0x80 | 62)]),
  ]) {
    const flooded = await start(t);
    flooded.socket.write(requestFrame(1, fields));
    const ends = new Set<number>([frameType.headers, frameType.resetStream, frameType.goAway]);
    await eventually(() => flooded.isClosed() || flooded.frames.some(({ type }) => ends.has(type)));
    assert.equal(flooded.seen(), 0);
    await assertUnharmed(flooded);
  }
});

test("requests that are reset at once end, and leave nothing under way", async (t) => {
  const flooded = await start(t);
  await pour(flooded, 2000, (index) => {
    const stream = 2 * index + 1;
    const reset = frame(frameType.resetStream, { stream, payload: Buffer.of(0, 0, 0, 8) });
    return Buffer.concat([requestFrame(stream, requestFields("/")), reset]);
  });
  await assertUnharmed(flooded);
});

for (const [what, bytes] of [
  ["settings", frame(frameType.settings)],
  ["pings", frame(frameType.ping, { payload: Buffer.alloc(8) })],
  ["empty data", Buffer.concat([frame(frameType.data, { stream: 1 })])],
] as const)
  test(`a flood of ${what} keeps nobody out`, async (t) => {
    const flooded = await start(t);
    flooded.socket.write(open(1, post()));
    const many = Buffer.concat(Array.from({ length: 1000 }, () => bytes));
    await pour(flooded, 50, () => many);
    assert.equal((await fetch(flooded.plane.url)).status, 200);
    await assertUnharmed(flooded);
  });

test("a client that opens no window holds no more than its share, and lets go of it when it leaves", async (t) => {
  const closedWindow = frame(frameType.settings, { payload: Buffer.of(0, 4, 0, 0, 0, 0) });
  const flooded = await start(t, Buffer.concat([preface, closedWindow]));
  await pour(flooded, 3 * PER_CLIENT, (index) => requestFrame(2 * index + 1, requestFields("/long")));
  const heads = (): number => flooded.frames.filter(({ type }) => type === frameType.headers).length;
  await eventually(() => heads() === 3 * PER_CLIENT);
  assert.equal(flooded.seen(), PER_CLIENT);
  await assertUnharmed(flooded);
});

test("bodies that never come are cut with their connection, and those too long are refused", async (t) => {
  const flooded = await start(t);
  await pour(flooded, 3 * PER_CLIENT, (index) => open(2 * index + 1, post()));
  await eventually(
    () => flooded.frames.filter(({ type }) => type === frameType.headers).length === 2 * PER_CLIENT,
  );
  assert.ok(flooded.seen() <= PER_CLIENT);
  flooded.socket.destroy();
  await eventually(() => flooded.plane.board.exchanges() === 0);

  const long = await start(t);
  long.socket.write(open(1, post(["content-length", String(BODY_BYTES + 1)])));
  long.socket.write(open(3, post()));
  await pour(long, 4, () => frame(frameType.data, { stream: 3, payload: Buffer.alloc(4000) }));
  const lines = await long.plane.settled(2);
  assert.deepEqual(
    lines.map(({ status }) => status),
    [413, 413],
  );
  await assertUnharmed(long);
});
