import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/kit/free-port.ts";
import { startChild } from "../child.ts";
import type { Child } from "../child.ts";
import { readTree } from "../process-tree.ts";
import { median } from "../statistics.ts";
import { sampleJson } from "./sample.ts";

const SIZES = [2000, 10_000, 50_000, 1_000_000];
const ROUNDS = 5;
const CONNECTIONS = 16;
const SECONDS = 1;

/**
 * The CPU of a route that gzips JSON, in Headgate and in nginx with gzip_comp_level 1, in turn in one run; beside it that of
 * the same requests from clients that take no gzip.
 */
export async function measureGzipRoute(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-bench-"));
  using upstream = startUpstream();
  const children: Child[] = [];
  try {
    children.push(
      await startHeadgate(directory, upstream.port ?? 0),
      await startNginx(directory, upstream.port ?? 0),
    );
    const lines: string[] = [];
    for (const bytes of SIZES) lines.push(await compare(children, bytes));
    return `${HEAD}${lines.join("\n")}\n`;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(directory, { recursive: true, force: true });
  }
}

const HEAD = `CPU µs of a request, Headgate / nginx

| body | gzip | ratio | min–max | plain | ratio | what gzip adds | ratio | bytes |
| ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- |
`;

function startUpstream(): Bun.Server<undefined> {
  const type = { headers: { "content-type": "application/json" } };
  const bodies = SIZES.map((bytes): [string, Response] => [
    `/${bytes}`,
    new Response(sampleJson(bytes), type),
  ]);
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: Object.fromEntries(bodies),
    fetch: () => new Response("", { status: 404 }),
  });
}

async function startHeadgate(directory: string, upstreamPort: number): Promise<Child> {
  const port = await freePort();
  const file = join(directory, "headgate.json");
  const config = {
    workers: 1,
    listeners: { web: { bind: `127.0.0.1:${port}` } },
    upstreams: { app: { servers: [`http://127.0.0.1:${upstreamPort}`] } },
    routes: [{ path: "/*", upstream: "app" }],
    compression: { encodings: ["gzip"], level: "fast" },
    accessLog: { format: "off" },
    admin: { bind: "off" },
    storage: "off",
  };
  await writeFile(file, JSON.stringify(config));
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  return startChild({ name: "headgate", command: [process.execPath, main, "run", "-c", file], port });
}

async function startNginx(directory: string, upstreamPort: number): Promise<Child> {
  const port = await freePort();
  const file = join(directory, "nginx.conf");
  const template = await Bun.file(fileURLToPath(new URL("../peers/nginx.conf", import.meta.url))).text();
  const values: Readonly<Record<string, string>> = {
    PORT: String(port),
    UPSTREAM_PORT: String(upstreamPort),
    DIRECTORY: directory,
    WORKERS: "1",
    SERVERS: `server 127.0.0.1:${upstreamPort};`,
    TLS: "",
    ACCESS_LOG: "off",
    ROUTES:
      "gzip on; gzip_comp_level 1; gzip_proxied any; gzip_min_length 1024; gzip_types application/json;",
  };
  await writeFile(
    file,
    template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
  return startChild({ name: "nginx", command: ["nginx", "-p", directory, "-e", "stderr", "-c", file], port });
}

type Coding = "gzip" | "identity";

interface Sample {
  readonly cpuUs: number;
  readonly sentBytes: number;
}

async function compare(children: readonly Child[], bytes: number): Promise<string> {
  const gzip = await sampleInTurn(children, bytes, "gzip");
  const plain = await sampleInTurn(children, bytes, "identity");
  const ratios = gzip[0].map(({ cpuUs }, round) => cpuUs / (gzip[1][round]?.cpuUs ?? Number.NaN));
  const [ofGzip, ofPlain] = [gzip.map(middle), plain.map(middle)];
  const added = ofGzip.map((cpuUs, at) => cpuUs - (ofPlain[at] ?? Number.NaN));
  const sizes = gzip.map((all) => all[0]?.sentBytes).join(" / ");
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const cells = [`${bytes / 1000} KB`, both(ofGzip), median(ratios).toFixed(2), spread].concat(
    [ofPlain, added].flatMap((pair) => [both(pair), ratioOf(pair)]),
    sizes,
  );
  return `| ${cells.join(" | ")} |`;
}

type Pair<Value> = readonly [headgate: Value, nginx: Value];

async function sampleInTurn(
  children: readonly Child[],
  bytes: number,
  coding: Coding,
): Promise<Pair<readonly Sample[]>> {
  const samples = new Map<Child, Sample[]>(children.map((child) => [child, []]));
  for (const child of children) await load(child, bytes, coding);
  for (let round = 0; round < ROUNDS; round++) {
    for (const child of children) samples.get(child)?.push(await load(child, bytes, coding));
  }
  const [headgate = [], nginx = []] = samples.values();
  return [headgate, nginx];
}

function middle(all: readonly Sample[]): number {
  return median(all.map(({ cpuUs }) => cpuUs));
}

function both(values: readonly number[]): string {
  return values.map((value) => value.toFixed(0)).join(" / ");
}

function ratioOf([headgate = Number.NaN, nginx = Number.NaN]: readonly number[]): string {
  return (headgate / nginx).toFixed(2);
}

async function load({ pid, port }: Child, bytes: number, coding: Coding): Promise<Sample> {
  const before = readTree(pid).cpuSeconds;
  const until = performance.now() + SECONDS * 1000;
  let requests = 0;
  let sentBytes = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      sentBytes = await fetchCoded(port, bytes, coding);
      requests++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { cpuUs: ((readTree(pid).cpuSeconds - before) * 1e6) / requests, sentBytes };
}

async function fetchCoded(port: number, bytes: number, coding: Coding): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/${bytes}`, {
    headers: { "accept-encoding": coding },
    decompress: false,
  } as BunFetchRequestInit);
  const body = await answer.bytes();
  const sent = answer.headers.get("content-encoding") ?? "identity";
  if (sent !== coding) throw new Error(`Cannot measure: this is ${sent}`);
  return body.byteLength;
}
