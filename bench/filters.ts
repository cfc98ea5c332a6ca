/**
 * What filters of bodies cost on long answers, beside the same route without them: `bun run bench/filters.ts`.
 *
 * Prints the throughput of each route, its ratio to the route without a filter, and how far the memory of the proxy grew.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Buffer } from "node:buffer";

const rounds = 5;

const page =
  Buffer.from(`<p>a line of text that links to <a href="http://internal.local/x">x</a> now and then</p>
${"<p>and many lines that do not, but have something to read in them</p>\n".repeat(40)}`);
const record = Buffer.from(
  '{"id":12345678901234567,"name":"somebody","tags":["a","b"],"user":{"ssn":"123-45-6789"}},\n',
);

/** A body of about so many bytes. */
function repeated(piece: Buffer, bytes: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / piece.byteLength) }, () => piece));
}

const html = repeated(page, 10_000_000);
const json = Buffer.concat([Buffer.from("["), repeated(record, 50_000_000), Buffer.from("{}]")]);
const open = Buffer.concat([Buffer.from("<div "), Buffer.alloc(10_000_000, "a")]);

const replacement = { find: "http://internal.local", with: "https://example.com" };
const routes: readonly (readonly [path: string, body: Buffer, type: string, filters: readonly object[]])[] = [
  ["/plain", html, "text/html", []],
  ["/text", html, "text/html", [{ replaceBody: replacement }]],
  ["/regex", html, "text/html", [{ replaceBody: { find: "/internal\\.\\w+/g", with: "example.com" } }]],
  ["/insert", html, "text/html", [{ insertHtml: { before: "</body>", html: "<i></i>" } }]],
  ["/never-closed", open, "text/html", [{ insertHtml: { before: "</body>", html: "<i></i>" } }]],
  ["/plain-json", json, "application/json", []],
  ["/redact", json, "application/json", [{ redactJson: { keys: ["ssn"], with: "***" } }]],
];

const server = createServer((request, response) => {
  const [, body = html, type = ""] = routes.find(([path]) => path === request.url) ?? [];
  response.setHeader("content-type", type);
  response.end(body);
});
server.listen(0, "127.0.0.1", () => void run());

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-filters-"));
  const { child, url } = await startProxy(folder, (server.address() as AddressInfo).port);
  try {
    const mbPerSecond = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const [path, body] of routes) {
        const ms = await timeDownload(url + path);
        mbPerSecond.set(path, [...(mbPerSecond.get(path) ?? []), body.byteLength / 1_000 / ms]);
      }
    }
    tell(mbPerSecond);
    child.kill();
    for (const [path] of routes) await tellMemory(path, folder);
  } finally {
    child.kill();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}

/** How far a fresh proxy grows over downloads of one route, beyond what it took at its start. */
async function tellMemory(path: string, folder: string): Promise<void> {
  const { child, url } = await startProxy(folder, (server.address() as AddressInfo).port);
  const before = memoryMb(child.pid ?? 0, "VmRSS");
  for (let turn = 0; turn < 3; turn++) await timeDownload(url + path);
  const grown = memoryMb(child.pid ?? 0, "VmHWM") - before;
  child.kill();
  process.stdout.write(
    `${path.padEnd(14)} ${grown.toFixed(0).padStart(5)} MB grown from ${before.toFixed(0)} MB\n`,
  );
}

function tell(mbPerSecond: ReadonlyMap<string, readonly number[]>): void {
  for (const [path, , type] of routes) {
    const base = median(mbPerSecond.get(type === "application/json" ? "/plain-json" : "/plain") ?? []);
    const own = median(mbPerSecond.get(path) ?? []);
    const cells = [
      path.padEnd(14),
      `${own.toFixed(0).padStart(5)} MB/s`,
      (own / base).toFixed(2).padStart(6),
    ];
    process.stdout.write(`${cells.join(" ")}\n`);
  }
}

function startProxy(folder: string, port: number) {
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      workers: 1,
      storage: "off",
      accessLog: { format: "off" },
      admin: { bind: "off" },
      listeners: { web: { bind: "127.0.0.1:0" } },
      upstreams: { app: { servers: [`http://127.0.0.1:${port}`] } },
      routes: routes.map(([path, , , response]) => ({ path, upstream: "app", filters: { response } })),
    }),
  );
  const child = spawn(process.execPath, ["src/main.ts", "run", "-c", config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return new Promise<{ child: typeof child; url: string }>((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      const [, url] = / listening listener=web url=(\S+)/.exec(log) ?? [];
      if (url !== undefined) resolve({ child, url });
    });
    child.once("exit", () => reject(new Error(`The proxy ended: ${log}`)));
  });
}

async function timeDownload(url: string): Promise<number> {
  const startedMs = performance.now();
  const response = await fetch(url);
  for await (const _ of response.body ?? []);
  return performance.now() - startedMs;
}

/** Linux only: the memory of a process now, or at its highest. */
function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
