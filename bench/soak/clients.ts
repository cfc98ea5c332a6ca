import { connect } from "node:net";
import type { Socket } from "node:net";
import { makeCase } from "../../test/fuzz/mutate.ts";
import { paths } from "./faulty-server.ts";

/** One visit of a client, from its first byte to its last; it never rejects. */
type Visit = (port: number, random: () => number) => Promise<void>;

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: site.test\r\n\r\n`;

/** How clients behave: mostly well, some badly, some out of spite. */
const visits: readonly (readonly [share: number, visit: Visit])[] = [
  [5, talk],
  [55, (port, random) => browse(port, pathOf(random), 2_000)],
  [10, upload],
  [10, (port, random) => browse(port, pathOf(random), random() * 30)], // leaves early
  [5, (port) => stall(port)],
  [5, (port) => halfAHead(port)],
  [10, gibberish],
];

/** Visits as one client after another, until it is time. */
export async function visitUntil(endsAt: number, port: number, random: () => number): Promise<number> {
  let count = 0;
  for (; performance.now() < endsAt; count++) await choose(random)(port, random);
  return count;
}

function choose(random: () => number): Visit {
  let left = random() * 100;
  for (const [share, visit] of visits) {
    left -= share;
    if (left < 0) return visit;
  }
  return upload;
}

function pathOf(random: () => number): string {
  return paths[Math.floor(random() * paths.length)] ?? "/small";
}

async function browse(port: number, path: string, patienceMs: number): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(1 + patienceMs),
    });
    await response.arrayBuffer();
  } catch {
    // Broken off by either side, as was meant to be.
  }
}

async function upload(port: number, random: () => number): Promise<void> {
  const path = random() < 0.5 ? "/echo" : "/refuse";
  const body = new Uint8Array(Math.floor(random() * 300_000));
  try {
    const signal = AbortSignal.timeout(random() < 0.3 ? 10 : 2_000);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, signal });
    await response.arrayBuffer();
  } catch {
    // As above.
  }
}

/** Opens a WebSocket, says something, and leaves with or without a word. */
async function talk(port: number, random: () => number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => socket.send("x".repeat(1 + random() * 50_000)));
    socket.addEventListener("message", () => resolve());
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("error", () => resolve());
  });
  if (random() < 0.5) socket.close();
  else socket.terminate();
}

/** Asks for much and reads nothing of it for a while. */
async function stall(port: number): Promise<void> {
  const socket = await open(port);
  socket.pause();
  socket.write(GET("/big").repeat(8));
  await Bun.sleep(500);
  socket.destroy();
}

async function halfAHead(port: number): Promise<void> {
  const socket = await open(port);
  socket.write(GET("/small").slice(0, 20));
  await Bun.sleep(200);
  socket.destroy();
}

async function gibberish(port: number, random: () => number): Promise<void> {
  const socket = await open(port);
  for (const part of makeCase(1, Math.floor(random() * 1e6)).parts) {
    socket.write(Buffer.from(part, "latin1"));
    await Bun.sleep(20);
  }
  socket.resetAndDestroy();
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => resolve(socket));
  });
}
