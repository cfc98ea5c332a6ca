import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, test } from "node:test";
import { createGzip, gzipSync } from "node:zlib";
import { eventually } from "../../kit/eventually.ts";
import { canReadMemory, growthMb } from "../../kit/memory-growth.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk } from "../../kit/talk.ts";

const MB = 1_000_000;
const MOST_MB = 60;

/** What a server sends, what the route does to it, and how it ends for the client. */
interface Case {
  readonly what: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly make: () => Buffer;
  readonly route: object;
  /** Sent before the server cuts the connection; default: all, and a proper end. */
  readonly cutAtBytes?: number;
  readonly isBroken?: boolean;
}

const html = { "content-type": "text/html; charset=utf-8" };
const json = { "content-type": "application/json" };
const page = `<p>see <a href="http://internal.local/x">x</a></p>\n${"<p>nothing to replace in here</p>\n".repeat(40)}`;
const entry = '{"id":12345678901234567,"tags":["a","b"],"user":{"ssn":"123-45-6789"}},\n';

const text = { replaceBody: { find: "http://internal.local", with: "https://example.com" } };
const regex = { replaceBody: { find: "/internal\\.\\w+/g", with: "example.com" } };
const insert = { insertHtml: { before: "</body>", html: "<i></i>" } };
const redact = { redactJson: { keys: ["ssn"], with: "***" } };

const filled = (bytes: number, piece: string | Uint8Array): Buffer => Buffer.alloc(bytes, piece);
const listOf50Mb = (): Buffer =>
  Buffer.concat([Buffer.from("["), filled(50 * MB - ((50 * MB) % entry.length), entry), Buffer.from("1]")]);

/** So many megabytes of zeros, encoded. */
async function gzipOfZeros(megabytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const gzip = createGzip();
  const zeros = Buffer.alloc(MB);
  Readable.from(Array.from({ length: megabytes }, () => zeros)).pipe(gzip);
  return new Uint8Array(await buffer(gzip));
}

/** Bytes without any order. */
function noise(bytes: number): Buffer {
  const words = new Uint32Array(bytes / 4);
  for (let at = 0, seed = 1; at < words.length; at++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = Math.imul(seed ^ (seed >>> 15), 2_246_822_519);
  }
  return Buffer.from(words.buffer);
}

const filters = (...response: readonly object[]): object => ({ filters: { response } });

const cases: readonly Case[] = [
  {
    what: "gzip that is cut short, decoded for filters",
    fields: { ...html, "content-encoding": "gzip" },
    make: () => gzipSync(filled(30 * MB, page)).subarray(0, -5_000),
    route: filters(text, insert),
    isBroken: true,
  },
  {
    what: "gzip that is cut short, decoded and encoded anew",
    fields: { ...json, "content-encoding": "gzip" },
    make: () => gzipSync(listOf50Mb()).subarray(0, -5_000),
    route: { compression: { encodings: ["zstd"] } },
    isBroken: true,
  },
  ...["utf-8", "latin1", "utf-16le"].map((label) => ({
    what: `noise labelled ${label}`,
    fields: { "content-type": `text/html; charset=${label}` },
    make: () => noise(10 * MB),
    route: filters(regex, insert),
  })),
  {
    what: "HTML that never closes a tag",
    fields: html,
    make: () => Buffer.concat([Buffer.from("<div "), filled(30 * MB, "a")]),
    route: filters(insert),
  },
  {
    what: "10 MB of HTML with an expression",
    fields: html,
    make: () => filled(10 * MB, page),
    route: filters(regex),
  },
  { what: "50 MB of JSON", fields: json, make: listOf50Mb, route: filters(redact) },
  {
    what: "50 MB of JSON in one string",
    fields: json,
    make: () => Buffer.concat([Buffer.from('{"ssn":"'), filled(50 * MB, "a"), Buffer.from('"}')]),
    route: filters(redact),
  },
  {
    what: "50 MB of JSON, compressed",
    fields: json,
    make: listOf50Mb,
    route: { compression: { encodings: ["zstd"] } },
  },
  {
    what: "a server that dies amid its body",
    fields: json,
    make: listOf50Mb,
    route: filters(redact),
    cutAtBytes: 30 * MB,
    isBroken: true,
  },
];

/** Sends a body as fast as it is taken. */
function send(response: ServerResponse, body: Buffer, cutAtBytes = Infinity): void {
  let at = 0;
  const goOn = (): void => {
    while (at < Math.min(body.byteLength, cutAtBytes)) {
      const piece = body.subarray(at, at + 65_536);
      at += piece.byteLength;
      if (!response.write(piece)) return void response.once("drain", goOn);
    }
    if (at < body.byteLength) response.destroy();
    else response.end();
  };
  response.on("error", () => {});
  goOn();
}

/** How many bytes of an answer came, and whether all did. */
async function download(url: string): Promise<{ readonly bytes: number; readonly isWhole: boolean }> {
  let bytes = 0;
  try {
    const answer = await fetch(url, {
      headers: { "accept-encoding": "zstd" },
      decompress: false,
    } as RequestInit);
    for await (const piece of answer.body ?? []) bytes += piece.byteLength;
    return { bytes, isWhole: true };
  } catch {
    return { bytes, isWhole: false };
  }
}

const skip = canReadMemory ? false : "this reads memory from /proc";

describe(`a proxy grows by less than ${MOST_MB} MB`, { skip }, () => {
  for (const { what, fields, make, route, cutAtBytes, isBroken = false } of cases) {
    test(`with ${what}, and the client can tell how it ended`, async (t) => {
      const body = make();
      const { url } = await startServer(t, (request, response) => {
        const isSmall = request.url === "/small";
        response.writeHead(200, isSmall ? json : fields);
        if (isSmall) response.end("{}");
        else send(response, body, cutAtBytes);
      });
      const proxy = await startProxy(t, {
        upstreams: { app: { servers: [url] } },
        routes: [{ path: "/*", upstream: "app", ...route }],
        admin: { bind: "off" },
        storage: "off",
        limits: { shed: { enabled: false } },
      });
      for (let turn = 0; turn < 100; turn++) await download(`${proxy.url}/small`);
      const grownMb = await growthMb(proxy.pid, async () => {
        for (let turn = 0; turn < 2; turn++) {
          const { bytes, isWhole } = await download(`${proxy.url}/large`);
          assert.equal(isWhole, !isBroken);
          assert.ok(bytes > 1_000 || what.includes("one string"), `${bytes} bytes came`);
        }
      });
      assert.ok(grownMb < MOST_MB, `${grownMb.toFixed(0)} MB more`);
      const line = '"path":"/large"';
      await eventually(() => proxy.output().split(line).length - 1 === 2);
      assert.equal(proxy.output().split('"broken":').length - 1, isBroken ? 2 : 0);
    });
  }

  test("with requests whose bodies explode, one after the other, in a filter", async (t) => {
    const bomb = await gzipOfZeros(1_000);
    const { url } = await startServer(t, (request, response) => {
      request.on("error", () => {}).resume();
      request.on("end", () => response.end("ok"));
    });
    const replace = { replaceBody: { find: "/fo+/g", with: "bar", types: ["application/json"] } };
    const proxy = await startProxy(t, {
      ...proxyTo([url]),
      routes: [{ path: "/*", upstream: "app", filters: { request: [replace] } }],
      admin: { bind: "off" },
      storage: "off",
      limits: { shed: { enabled: false } },
    });
    const post = async (body: Uint8Array<ArrayBuffer>, fields = {}): Promise<number> => {
      const answer = await fetch(proxy.url, { method: "POST", body, headers: { ...json, ...fields } });
      await answer.text();
      return answer.status;
    };
    for (let turn = 0; turn < 100; turn++) assert.equal(await post(new TextEncoder().encode("{}")), 200);
    const grownMb = await growthMb(proxy.pid, async () => {
      for (let turn = 0; turn < 10; turn++)
        assert.equal(await post(bomb, { "content-encoding": "gzip" }), 400);
    });
    assert.ok(grownMb < MOST_MB, `${grownMb.toFixed(0)} MB more`);
  });

  test("with clients that read a while and leave", async (t) => {
    const body = listOf50Mb();
    let cut = 0;
    const { url } = await startServer(t, (_request, response) => {
      response.once("close", () => (cut += response.writableFinished ? 0 : 1));
      response.writeHead(200, json);
      send(response, body);
    });
    const proxy = await startProxy(t, {
      ...proxyTo([url]),
      routes: [{ path: "/*", upstream: "app", ...filters(redact) }],
      admin: { bind: "off" },
      storage: "off",
      limits: { shed: { enabled: false } },
    });
    const leave = async (): Promise<void> => {
      const talk = await openTalk(t, proxy.port);
      await talk.write("GET / HTTP/1.1\r\nHost: site.test\r\n\r\n");
      await eventually(() => talk.receivedBytes() > MB);
      talk.socket.pause();
      talk.reset();
    };
    await leave();
    const grownMb = await growthMb(proxy.pid, async () => {
      for (let turn = 0; turn < 5; turn++) await Promise.all([leave(), leave()]);
      await eventually(() => cut === 11);
    });
    assert.ok(grownMb < MOST_MB, `${grownMb.toFixed(0)} MB more`);
  });
});
