import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { describe, test } from "node:test";
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";

import { eventually, pause } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startProxy } from "../../kit/start-proxy.ts";
import { openTalk, startTalkServer, takeHead } from "../../kit/talk.ts";
import type { Head, Talk } from "../../kit/talk.ts";
import { ask, compressorBefore, fetchCoded, headOf, textOf } from "./coded.ts";

const encoders: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: (text) => zstdCompressSync(text),
};
const isDeno = "Deno" in globalThis;

/** Answers with encoded bytes, whatever the client accepts. */
function answerEncoded(
  coding: string,
  bytes: Uint8Array,
  fields: Readonly<Record<string, string>> = {},
): (talk: Talk) => Promise<void> {
  const length = String(bytes.byteLength);
  return async (talk) => {
    await talk.write(
      headOf({ "Content-Encoding": coding, "Content-Length": length, ETag: '"a"', ...fields }),
    );
    await talk.write(bytes);
  };
}

describe("A body that the server has encoded", () => {
  for (const [coding, encode] of Object.entries(encoders)) {
    for (const bytes of [3000, 500_000]) {
      const text = textOf(bytes);
      test(`passes untouched to a client that takes it (${coding}, ${bytes} bytes)`, async (t) => {
        const encoded = encode(text);
        const plane = await compressorBefore(t, answerEncoded(coding, encoded));
        const { head, raw } = await fetchCoded(t, plane, { accept: `${coding}, gzip;q=0.1` });
        assert.equal(head.get("content-encoding"), coding);
        assert.equal(head.get("etag"), '"a"');
        assert.equal(head.get("vary"), "Accept-Encoding");
        assert.equal(Buffer.from(raw, "latin1").equals(encoded), true);
      });

      for (const accept of ["-", "identity", "x-other", `${coding};q=0`, "*;q=0", "identity;q=0"]) {
        test(`is decoded for one that does not (${coding}, ${bytes} bytes, "${accept}")`, async (t) => {
          const plane = await compressorBefore(t, answerEncoded(coding, encode(text)));
          const { head, raw } = await fetchCoded(t, plane, { accept });
          assert.equal(head.get("content-encoding"), undefined);
          assert.equal(head.get("etag"), 'W/"a"');
          assert.equal(head.get("vary"), "Accept-Encoding");
          assert.equal(raw === text, true);
          const [line] = await plane.settled();
          assert.equal(line?.bytesOut, bytes);
        });
      }
    }

    test(`is encoded anew for one that takes another coding (${coding})`, async (t) => {
      const other = coding === "gzip" ? "br" : "gzip";
      const plane = await compressorBefore(t, answerEncoded(coding, encode(textOf(50_000))));
      const { head, body } = await fetchCoded(t, plane, { accept: other });
      assert.equal(head.get("content-encoding"), other);
      assert.equal(body === textOf(50_000), true);
    });
  }

  test("stays as it is on a route without compression: nobody asked for more", async (t) => {
    const encoded = gzipSync(textOf(3000));
    const plane = await compressorBefore(t, answerEncoded("gzip", encoded), false);
    const { head, raw } = await fetchCoded(t, plane, { accept: "identity" });
    assert.equal(head.get("content-encoding"), "gzip");
    assert.equal(Buffer.from(raw, "latin1").equals(encoded), true);
  });

  for (const [kind, fields, asked] of [
    ["the server forbids to change it", { "Cache-Control": "no-transform" }, ""],
    ["the client forbids to change it", {}, "Cache-Control: no-transform\r\n"],
    ["it is only a part", { "Content-Range": "bytes 0-9/99" }, ""],
  ] as const) {
    test(`stays as it is where ${kind}`, async (t) => {
      const encoded = gzipSync(textOf(3000));
      const plane = await compressorBefore(t, answerEncoded("gzip", encoded, fields));
      const { head, raw } = await fetchCoded(t, plane, { accept: "identity", fields: asked });
      assert.equal(head.get("content-encoding"), "gzip");
      assert.equal(Buffer.from(raw, "latin1").equals(encoded), true);
    });
  }

  test("is announced decoded to HEAD, without a length", async (t) => {
    const plane = await compressorBefore(t, (talk) =>
      talk.write(headOf({ "Content-Encoding": "gzip", "Content-Length": "500", ETag: '"a"' })),
    );
    const { head } = await fetchCoded(t, plane, { method: "HEAD", accept: "identity" });
    assert.equal(head.get("content-encoding"), undefined);
    assert.equal(head.get("content-length"), undefined);
    assert.equal(head.get("etag"), 'W/"a"');
  });
});

test(`The server is asked for ${isDeno ? "plain bodies: this runtime would decode them by itself" : "what the client accepts: what it has encoded costs us nothing"}`, async (t) => {
  const heads: Head[] = [];
  const plane = await compressorBefore(t, (talk, head) => {
    heads.push(head);
    return talk.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  await fetchCoded(t, plane, { accept: "zstd;q=0.5, gzip" });
  assert.equal(heads[0]?.get("accept-encoding"), isDeno ? "identity" : "zstd;q=0.5, gzip");
});

describe("A body that cannot be decoded", () => {
  for (const [coding, encode] of Object.entries(encoders)) {
    for (const bytes of [3000, 500_000]) {
      const noise = Array.from({ length: bytes }, (_, at) =>
        String.fromCodePoint(33 + ((Math.imul(at, 2_654_435_761) >>> 7) % 90)),
      ).join("");
      test(`since it breaks off is seen as broken by the client (${coding}, ${bytes} bytes)`, async (t) => {
        const whole = encode(noise);
        const plane = await compressorBefore(t, answerEncoded(coding, whole.subarray(0, whole.length - 5)));
        const client = await ask(t, plane, { accept: "identity" });
        await client.closed;
        assert.equal(client.text().endsWith("0\r\n\r\n"), false);
        const [line] = await plane.settled();
        assert.equal(line?.broken, "http_response_content_coding");
        assert.equal(plane.counts().inflight, 0);
        assert.equal(plane.counts().errors, 1);
        assert.deepEqual(plane.faults, []);
      });
    }

    test(`since it is something else is seen as broken by the client (${coding})`, async (t) => {
      const plane = await compressorBefore(t, answerEncoded(coding, Buffer.from(textOf(2000))));
      const client = await ask(t, plane, { accept: "identity" });
      await client.closed;
      assert.equal(client.text().endsWith("0\r\n\r\n"), false);
      const [line] = await plane.settled();
      assert.equal(line?.broken, "http_response_content_coding");
    });
  }

  test("takes its server's connection along, though that has more to send", async (t) => {
    let isClosed = false;
    const plane = await compressorBefore(t, async (talk) => {
      await talk.write(headOf({ "Content-Encoding": "gzip", "Transfer-Encoding": "chunked" }));
      await talk.write(`5\r\nplain\r\n`);
      await talk.closed;
      isClosed = true;
    });
    const client = await ask(t, plane, { accept: "identity" });
    await client.closed;
    await eventually(() => isClosed);
    await plane.settled();
  });
});

/** A gigabyte of zeros in gzip: about one megabyte, made a piece at a time. */
async function makeBomb(): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const pieces: Uint8Array[] = [];
  gzip.on("data", (piece: Uint8Array) => pieces.push(piece));
  const done = new Promise((resolve) => gzip.once("end", resolve));
  const zeros = new Uint8Array(4 * 1024 * 1024);
  for (let i = 0; i < 256; i++) {
    await new Promise<void>((resolve) => {
      gzip.write(zeros, () => resolve());
    });
  }
  gzip.end();
  await done;
  return Buffer.concat(pieces);
}

/** Memory of a process in MB: what it holds, and the most that it ever held. */
async function memoryOf(pid: number): Promise<{ readonly nowMb: number; readonly mostMb: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const megabytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1000;
  return { nowMb: megabytes("VmRSS"), mostMb: megabytes("VmHWM") };
}

const isLinux = process.platform === "linux";

describe(
  "A gigabyte of zeros in a megabyte",
  { skip: isLinux ? false : "this reads memory from /proc" },
  () => {
    let made: Promise<Buffer> | undefined;
    for (const reads of [true, false]) {
      test(`is cut long before its end, in bounded memory (the client reads ${reads ? "all" : "nothing"})`, async (t) => {
        const bomb = await (made ??= makeBomb());
        assert.equal(bomb.length < 1_200_000, true);
        const server = await startTalkServer(t, async (talk) => {
          await takeHead(talk);
          await answerEncoded("gzip", bomb)(talk);
        });
        const proxy = await startProxy(t, {
          ...proxyTo([server.url]),
          compression: true,
          listeners: { web: { bind: "127.0.0.1:0" } },
          admin: { bind: false },
          storage: false,
          workers: 1,
        });
        await Promise.all(
          [1, 2, 3].map(async () => (await fetch(`${proxy.url}/`, { method: "HEAD" })).status),
        );
        const { nowMb } = await memoryOf(proxy.pid);
        const client = await openTalk(t, proxy.port);
        let bytes = 0;
        client.socket.removeAllListeners("data");
        client.socket.on("data", (piece: Uint8Array) => (bytes += piece.byteLength));
        if (!reads) client.socket.pause();
        await client.write("GET / HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: identity\r\n\r\n");
        if (reads) await client.closed;
        else await pause(1500);
        client.socket.destroy();
        await eventually(() => proxy.output().includes('"method":"GET"'));
        assert.equal(
          proxy
            .output()
            .includes(reads ? '"broken":"http_response_content_coding"' : '"broken":"client_left"'),
          true,
        );
        assert.equal(bytes < 400_000_000, true, `${bytes} bytes came`);
        const { mostMb } = await memoryOf(proxy.pid);
        assert.equal(mostMb - nowMb < 60, true, `${mostMb - nowMb} MB more`);
      });
    }
  },
);
