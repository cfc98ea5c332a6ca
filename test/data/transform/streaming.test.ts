import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";

import { eventually } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { takeHead } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";
import { ask, compressorBefore, encodings, fetchCoded, headOf, textOf } from "./coded.ts";

const readers = { gzip: createGunzip, br: createBrotliDecompress, zstd: createZstdDecompress };
const flushes = {
  gzip: constants.Z_SYNC_FLUSH,
  br: constants.BROTLI_OPERATION_FLUSH,
  zstd: constants.ZSTD_e_flush,
};

const chunked = headOf({ "Transfer-Encoding": "chunked" });
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const end = "0\r\n\r\n";

/** Reads chunks off a connection and decodes them as they come; `text` is what a reader would see by now. */
function follow(client: Talk, encoding: (typeof encodings)[number]): { readonly text: () => string } {
  const reader = readers[encoding]({ flush: flushes[encoding] });
  let text = "";
  reader.on("data", (piece: Uint8Array) => (text += Buffer.from(piece).toString("latin1")));
  reader.on("error", () => {});
  const go = async (): Promise<void> => {
    for (;;) {
      const size = Number.parseInt(await client.take("\r\n"), 16);
      if (size === 0) return;
      const bytes = await client.takeBytes(size + 2);
      reader.write(Buffer.from(bytes.slice(0, size), "latin1"));
    }
  };
  go().catch(() => {});
  return { text: () => text };
}

describe("While the server pauses", () => {
  for (const encoding of encodings) {
    test(`the client has all that came until then (${encoding})`, async (t) => {
      const first = createGate();
      const second = createGate();
      const plane = await compressorBefore(t, async (talk) => {
        await talk.write(chunked + chunk("first. "));
        await first.opened;
        await talk.write(chunk("second. "));
        await second.opened;
        await talk.write(chunk("third. ") + end);
      });
      const client = await ask(t, plane, { accept: encoding });
      const head = await takeHead(client);
      assert.equal(head.get("content-encoding"), encoding);
      const seen = follow(client, encoding);
      await eventually(() => seen.text() === "first. ");
      first.open();
      await eventually(() => seen.text() === "first. second. ");
      second.open();
      await eventually(() => seen.text() === "first. second. third. ");
      await plane.settled();
    });
  }

  test("nothing is flushed twice: many small chunks at once stay one piece", async (t) => {
    const plane = await compressorBefore(t, (talk) =>
      talk.write(chunked + chunk("small. ").repeat(500) + end),
    );
    const { body, raw } = await fetchCoded(t, plane, { accept: "gzip" });
    assert.equal(body, "small. ".repeat(500));
    assert.equal(raw.length < 200, true);
  });

  test("a stream of events passes untouched, and at once", async (t) => {
    const gate = createGate();
    const plane = await compressorBefore(t, async (talk) => {
      await talk.write(
        headOf({ "Content-Type": "text/event-stream", "Transfer-Encoding": "chunked" }) +
          chunk("data: 1\n\n"),
      );
      await gate.opened;
      await talk.write(end);
    });
    const client = await ask(t, plane);
    assert.equal((await takeHead(client)).get("content-encoding"), undefined);
    await client.take("data: 1\n\n");
    gate.open();
    await plane.settled();
  });
});

describe("A compressed answer that breaks off", () => {
  for (const encoding of encodings) {
    for (const how of ["end", "reset"] as const) {
      test(`(${encoding}; the server's ${how}) is seen as broken by the client`, async (t) => {
        const begun = createGate();
        const plane = await compressorBefore(t, async (talk) => {
          await talk.write(chunked + chunk(textOf(100_000)));
          await begun.opened;
          talk[how]();
        });
        const client = await ask(t, plane, { accept: encoding });
        await takeHead(client);
        await eventually(() => client.text() !== "");
        begun.open();
        await client.closed;
        assert.equal(client.text().endsWith(end), false);
        const [line] = await plane.settled();
        assert.equal(line?.broken, "http_response_incomplete");
        assert.equal(plane.counts().inflight, 0);
        assert.equal(plane.counts().errors, 1);
        assert.deepEqual(plane.faults, []);
      });
    }
  }
});

describe("A client that leaves a compressed answer", () => {
  for (const encoding of encodings) {
    test(`closes the server's connection, and is counted as gone (${encoding})`, async (t) => {
      let isClosed = false;
      const plane = await compressorBefore(t, async (talk) => {
        await talk.write(chunked);
        for (let i = 0; !talk.isClosed(); i++) await talk.write(chunk(`${i} ${textOf(60_000)}`));
        isClosed = true;
      });
      const client = await ask(t, plane, { accept: encoding });
      await takeHead(client);
      await eventually(() => client.text() !== "");
      client.reset();
      await eventually(() => isClosed);
      const [line] = await plane.settled();
      assert.equal(line?.broken, "client_left");
      assert.equal(plane.counts().inflight, 0);
      assert.equal(plane.counts().errors, 0);
      assert.deepEqual(plane.faults, []);
    });
  }

  test("while the encoder holds everything back", async (t) => {
    let isClosed = false;
    const asked = createGate();
    const plane = await compressorBefore(t, async (talk) => {
      await talk.write(chunked + chunk("a little"));
      asked.open();
      await talk.closed;
      isClosed = true;
    });
    const client = await ask(t, plane);
    await asked.opened;
    client.socket.destroy();
    await eventually(() => isClosed);
    const [line] = await plane.settled();
    assert.equal(line?.broken, "client_left");
    assert.equal(plane.counts().inflight, 0);
  });
});

test("A client that reads nothing stops the server, with nothing piled up between them", async (t) => {
  let sentBytes = 0;
  const noise = Buffer.from(
    Uint8Array.from({ length: 60_000 }, () => 32 + Math.floor(Math.random() * 90)),
  ).toString("latin1");
  const plane = await compressorBefore(t, async (talk) => {
    await talk.write(chunked);
    while (!talk.isClosed()) {
      await talk.write(chunk(noise));
      sentBytes += noise.length;
    }
  });
  const client = await ask(t, plane, { accept: "gzip" });
  await takeHead(client);
  client.socket.pause();
  let before = -1;
  await eventually(async () => {
    const isStill = sentBytes === before;
    before = sentBytes;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return isStill && sentBytes > 0 && sentBytes === before;
  }, 15_000);
  assert.equal(sentBytes < 40_000_000, true, String(sentBytes));
  client.socket.destroy();
  await plane.settled();
});
