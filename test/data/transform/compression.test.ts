import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startPlaneFor } from "../../kit/start-plane.ts";
import { answerOf, ask, compressorBefore, encodings, fetchCoded, headOf, textOf } from "./coded.ts";
import { takeHead } from "../../kit/talk.ts";

const text = textOf(5000);

describe("A body that may be compressed", () => {
  for (const encoding of encodings) {
    for (const level of ["fast", "balanced", "best"]) {
      test(`is sent in ${encoding} (${level}), with its new length and true counts`, async (t) => {
        const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text)), { level });
        const { head, body, raw } = await fetchCoded(t, plane, { accept: encoding });
        assert.equal(head.get("content-encoding"), encoding);
        assert.equal(head.get("content-length"), String(raw.length));
        assert.equal(head.get("vary"), "Accept-Encoding");
        assert.equal(body, text);
        assert.equal(raw.length < 500, true);
        const [line] = await plane.settled();
        assert.equal(line?.bytesOut, raw.length);
        assert.equal(plane.counts().bytesOut, raw.length);
        assert.equal(plane.counts().inflight, 0);
      });
    }

    for (const [kind, bytes] of [
      ["long", 300_000],
      ["longer than any buffer", 5_000_000],
    ] as const) {
      test(`is sent in ${encoding} as it comes, where it is ${kind}`, async (t) => {
        const long = textOf(bytes);
        const plane = await compressorBefore(t, (talk) => talk.write(answerOf(long)));
        const { head, body, raw } = await fetchCoded(t, plane, { accept: encoding });
        const length = head.get("content-length"); // Bun says it where all was ready before the head went out
        assert.equal(length === undefined || length === String(raw.length), true, `${length}`);
        assert.equal(body === long, true);
        const [line] = await plane.settled();
        assert.equal(line?.bytesOut, raw.length);
        assert.equal(plane.counts().bytesOut, raw.length);
      });
    }

    test(`is sent in ${encoding} where nobody knows its length`, async (t) => {
      const plane = await compressorBefore(t, (talk) =>
        talk.write(`${headOf({ "Transfer-Encoding": "chunked" })}5\r\nshort\r\n0\r\n\r\n`),
      );
      const { head, body } = await fetchCoded(t, plane, { accept: encoding });
      assert.equal(head.get("content-encoding"), encoding);
      assert.equal(body, "short");
    });
  }

  test("is worked on for fifty clients at once, each on its own", async (t) => {
    const plane = await compressorBefore(t, (talk, head) =>
      talk.write(answerOf(textOf(2000) + head.get("x-number"))),
    );
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        fetchCoded(t, plane, { accept: encodings[number % 3] ?? "", fields: `X-Number: ${number}\r\n` }),
      ),
    );
    for (const [number, { body, head }] of answers.entries()) {
      assert.equal(head.get("content-encoding"), encodings[number % 3]);
      assert.equal(body, textOf(2000) + number);
    }
    await plane.settled(50);
    assert.equal(plane.counts().inflight, 0);
  });

  test("is compressed where a route answers by itself", async (t) => {
    const plane = await startPlaneFor(t, {
      routes: [{ path: "/*", respond: { body: text } }],
      compression: true,
    });
    const { head, body, raw } = await fetchCoded(t, plane, { accept: "gzip" });
    assert.equal(head.get("content-encoding"), "gzip");
    assert.equal(head.get("content-length"), String(raw.length));
    assert.equal(body, text);
    const [line] = await plane.settled();
    assert.equal(line?.bytesOut, raw.length);
  });
});

describe("Which coding a client gets follows RFC 9110, 12.5.3", () => {
  const rows: readonly (readonly [accept: string, encoding: string | undefined])[] = [
    ["-", undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["GZip", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate, br", "br"],
    ["zstd;q=0.9, br;q=0.9, gzip;q=1", "gzip"],
    ["gzip;q=0.5, br;q=0.5", "br"],
    ["gzip;q=0.001", "gzip"],
    ["gzip;q=0", undefined],
    ["*", "zstd"],
    ["*;q=0.5, gzip", "gzip"],
    ["zstd;q=0, *", "br"],
    ["*;q=0", undefined],
    ["gzip, *;q=0", "gzip"],
    ["identity;q=0", undefined],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["identity;q=1, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip;q=1.0, *;q=0", "gzip"],
    ["compress, deflate", undefined],
    ["gzip;q=2", undefined],
    [";;, gzip", "gzip"],
  ];
  for (const [accept, encoding] of rows) {
    test(`"${accept}" → ${encoding ?? "as it is"}`, async (t) => {
      const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text)));
      const { head, body } = await fetchCoded(t, plane, { accept });
      assert.equal(head.get("content-encoding"), encoding);
      assert.equal(head.get("vary"), "Accept-Encoding");
      assert.equal(body, text);
    });
  }

  test("the server's order counts where the client likes all the same", async (t) => {
    const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text)), {
      encodings: ["gzip", "br"],
    });
    const { head } = await fetchCoded(t, plane);
    assert.equal(head.get("content-encoding"), "gzip");
  });
});

/** What stays as it is: the answer, what is asked, and whether others could get it compressed. */
const skips: Readonly<
  Record<string, { answer?: string; fields?: string; compression?: unknown; varies?: boolean }>
> = {
  "below minSize": { answer: answerOf(textOf(1023)) },
  "of a type that is not listed": { answer: answerOf(text, { "Content-Type": "image/jpeg" }) },
  "without a type": { answer: answerOf(text, { "Content-Type": "" }) },
  "a stream of events": { answer: answerOf(text, { "Content-Type": "text/event-stream; charset=utf-8" }) },
  "in several parts": {
    answer: answerOf(text, { "Content-Type": "multipart/mixed; boundary=x" }),
    compression: { types: ["multipart/*"] },
  },
  "a part of the whole": {
    answer: answerOf(text, { "Content-Range": "bytes 0-4999/9999" }, 206),
  },
  "a part, whatever its status": { answer: answerOf(text, { "Content-Range": "bytes 0-4999/9999" }) },
  "of a server that forbids it": { answer: answerOf(text, { "Cache-Control": "public, No-Transform" }) },
  "of a client that forbids it": { fields: "Cache-Control: no-transform\r\n", varies: true },
  "where the configuration turns it off": { compression: false },
  "encoded already, in a way that we do not know": {
    answer: answerOf(text, { "Content-Encoding": "aws-chunked" }),
  },
};

describe("A body stays as it is", () => {
  for (const [kind, { answer = answerOf(text), fields = "", compression, varies = false }] of Object.entries(
    skips,
  )) {
    test(kind, async (t) => {
      const plane = await compressorBefore(t, (talk) => talk.write(answer), compression ?? true);
      const { head, raw } = await fetchCoded(t, plane, { fields });
      assert.equal(answer.endsWith(`\r\n\r\n${raw}`), true);
      assert.equal(/content-encoding: aws/i.test(answer), head.get("content-encoding") !== undefined);
      if (!answer.includes("aws-chunked"))
        assert.equal(head.get("vary"), varies ? "Accept-Encoding" : undefined);
    });
  }

  for (const status of [204, 304]) {
    test(`where there is none (${status})`, async (t) => {
      const plane = await compressorBefore(t, (talk) =>
        talk.write(`HTTP/1.1 ${status} X\r\nETag: "a"\r\n\r\n`),
      );
      const client = await ask(t, plane);
      const head = await takeHead(client);
      assert.equal(head.get("content-encoding"), undefined);
      // What the client has, and what this speaks of, is what we made of it.
      assert.equal(head.get("etag"), status === 304 ? 'W/"a"' : '"a"');
      assert.equal(head.get("vary"), status === 304 ? "Accept-Encoding" : undefined);
    });
  }

  test("on a route that turns compression off", async (t) => {
    const respond = { body: text };
    const plane = await startPlaneFor(t, {
      routes: [{ path: "/*", respond, compression: "off" }],
      compression: true,
    });
    const { head } = await fetchCoded(t, plane);
    assert.equal(head.get("content-encoding"), undefined);
    assert.equal(head.get("vary"), undefined);
  });
});

describe("The fields of a compressed answer", () => {
  test("are told to HEAD as GET would be told them, without the server's length and its strong ETag", async (t) => {
    const fields = { "Content-Length": "5000", ETag: '"a"' };
    const plane = await compressorBefore(t, (talk) => talk.write(headOf(fields)));
    const { head } = await fetchCoded(t, plane, { method: "HEAD" });
    assert.equal(head.get("content-encoding"), "zstd");
    assert.equal(head.get("content-length"), undefined);
    assert.equal(head.get("etag"), 'W/"a"');
    assert.equal(head.get("vary"), "Accept-Encoding");
  });

  test("are the server's for HEAD of what is too short to be compressed", async (t) => {
    const plane = await compressorBefore(t, (talk) => talk.write(headOf({ "Content-Length": "5" })));
    const { head } = await fetchCoded(t, plane, { method: "HEAD" });
    assert.equal(head.get("content-encoding"), undefined);
    assert.equal(head.get("content-length"), "5");
  });

  test("promise nothing about the old bytes", async (t) => {
    const fields = {
      ETag: '"strong"',
      "Accept-Ranges": "bytes",
      "Content-MD5": "x",
      Digest: "x",
      "Content-Digest": "x",
      "Repr-Digest": "x",
      Vary: "Origin",
      "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    };
    const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text, fields)));
    const { head } = await fetchCoded(t, plane);
    assert.equal(head.get("etag"), 'W/"strong"');
    assert.equal(head.get("vary"), "Origin, Accept-Encoding");
    assert.equal(head.get("last-modified"), fields["Last-Modified"]);
    for (const name of ["accept-ranges", "content-md5", "digest", "content-digest", "repr-digest"])
      assert.equal(head.get(name), undefined, name);
  });

  test("stay strong where this client gets the server's own bytes", async (t) => {
    const plane = await compressorBefore(t, (talk) =>
      talk.write(answerOf(text, { ETag: '"strong"', "Accept-Ranges": "bytes" })),
    );
    const { head } = await fetchCoded(t, plane, { accept: "identity" });
    assert.equal(head.get("etag"), '"strong"');
    assert.equal(head.get("accept-ranges"), "bytes");
    assert.equal(head.get("vary"), "Accept-Encoding");
  });

  for (const vary of ["*", "accept-encoding", "Origin, Accept-Encoding"]) {
    test(`say no second time what Vary says already (${vary})`, async (t) => {
      const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text, { Vary: vary })));
      const { head } = await fetchCoded(t, plane);
      assert.equal(head.get("vary"), vary);
    });
  }

  test("a weak ETag stays as it is", async (t) => {
    const plane = await compressorBefore(t, (talk) => talk.write(answerOf(text, { ETag: 'W/"weak"' })));
    const { head } = await fetchCoded(t, plane);
    assert.equal(head.get("etag"), 'W/"weak"');
  });
});

test("A request for a range goes to the server as it is", async (t) => {
  let range: string | undefined;
  const plane = await compressorBefore(t, (talk, head) => {
    range = head.get("range");
    return talk.write(answerOf("All", { "Content-Range": "bytes 0-2/5000" }, 206));
  });
  const { head, raw } = await fetchCoded(t, plane, { fields: "Range: bytes=0-2\r\n" });
  assert.equal(range, "bytes=0-2");
  assert.equal(head.start, "HTTP/1.1 206 Partial Content");
  assert.equal(raw, "All");
});
