/**
 * The server behind every peer, in a process of its own: `bun bench/upstream.ts PORT DIRECTORY`.
 *
 * What it answers most is made once and sent by Bun without any JavaScript; large bodies come from sparse files, so that
 * they cost it no memory.
 */
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { sampleJson } from "./compression/sample.ts";
import { JSON_BYTES, LARGE_PATHS, SLOW_UPLOAD_BYTES_PER_SECOND, SMALL_BYTES } from "./paths.ts";

const [port = "", directory = ""] = process.argv.slice(2);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  idleTimeout: 255,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  routes: Object.fromEntries([
    ...["/small", "/:route/small"].map((path) => [path, fixed(SMALL_BYTES)]),
    ["/10k", fixed(10_000)],
    ["/1m", fixed(1_000_000)],
    ["/json", new Response(sampleJson(JSON_BYTES), { headers: { "content-type": "application/json" } })],
    ...Object.entries(LARGE_PATHS).map(([path, bytes]) => [path, sparseFile(path, bytes)]),
  ]),
  websocket: { message: (socket, message) => void socket.send(message) },
  fetch(request, server) {
    if (server.upgrade(request)) return undefined;
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/slow") return answerLater(Number(searchParams.get("ms")));
    if (pathname === "/upload") return takeUpload(request, Number.POSITIVE_INFINITY);
    if (pathname === "/slow-upload") return takeUpload(request, SLOW_UPLOAD_BYTES_PER_SECOND);
    return new Response("not here", { status: 404 });
  },
});

function fixed(bytes: number): Response {
  return new Response("x".repeat(bytes), { headers: { "content-type": "text/plain" } });
}

function sparseFile(path: string, bytes: number): () => Response {
  const file = join(directory, path);
  const descriptor = openSync(file, "w");
  ftruncateSync(descriptor, bytes);
  closeSync(descriptor);
  return () => new Response(Bun.file(file), { headers: { "content-type": "application/octet-stream" } });
}

async function answerLater(ms: number): Promise<Response> {
  await Bun.sleep(ms);
  return fixed(SMALL_BYTES);
}

async function takeUpload(request: Request, bytesPerSecond: number): Promise<Response> {
  for await (const chunk of request.body ?? []) {
    if (bytesPerSecond < Infinity) await Bun.sleep((chunk.byteLength / bytesPerSecond) * 1000);
  }
  return fixed(SMALL_BYTES);
}
