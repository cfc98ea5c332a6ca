import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Head } from "../../kit/talk.ts";

const text = "the quick brown fox ".repeat(500);
const coded = { gzip: gzipSync(text), br: brotliCompressSync(text), zstd: zstdCompressSync(text) };
const isDeno = "Deno" in globalThis;

describe("An encoded answer", () => {
  for (const [encoding, bytes] of Object.entries(coded)) {
    for (const range of ["", "Range: bytes=0-\r\n"]) {
      test(`(${encoding}${range === "" ? "" : ", asked for by Range"}) arrives byte by byte as it was sent, with its fields`, async (t) => {
        const asked: Head[] = [];
        const server = await startTalkServer(t, async (talk) => {
          asked.push(await takeHead(talk));
          await talk.write(
            `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: ${encoding}\r\nETag: "a"\r\nVary: Accept-Encoding\r\nContent-Length: ${bytes.byteLength}\r\n\r\n`,
          );
          await talk.write(bytes);
        });
        const plane = await startPlaneFor(t, proxyTo([server.url]));
        const client = await openTalk(t, plane.port);
        await client.write(
          `GET / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: gzip, br, zstd\r\n${range}\r\n`,
        );
        const head = await takeHead(client);
        assert.equal(head.get("content-encoding"), encoding);
        assert.equal(head.get("content-length"), String(bytes.byteLength));
        assert.equal(head.get("etag"), '"a"');
        assert.equal(head.get("vary"), "Accept-Encoding");
        const body = await takeBody(client, head);
        assert.equal(Buffer.from(body, "latin1").equals(bytes), true);
        const expected = isDeno ? "identity" : "gzip, br, zstd";
        assert.equal(asked[0]?.get("accept-encoding"), expected);
      });
    }
  }

  test(`is not asked for where the client did not${isDeno ? ", nor where it did: Deno would decode it" : ""}`, async (t) => {
    const asked: Head[] = [];
    const server = await startTalkServer(t, async (talk) => {
      asked.push(await takeHead(talk));
      await talk.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    await client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await takeHead(client);
    assert.equal(asked[0]?.get("accept-encoding") ?? "identity", "identity");
  });
});
