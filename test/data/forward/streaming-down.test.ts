import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { pause } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

/** A proxy before one server that plays a script after it has read each request's head. */
async function proxyBefore(t: Teardown, script: (talk: Talk) => unknown): Promise<TestPlane> {
  const server = await startTalkServer(t, async (talk) => {
    await takeHead(talk);
    await script(talk);
  });
  return startPlaneFor(t, proxyTo([server.url], { retry: { attempts: 0 } }));
}

async function ask(t: Teardown, plane: TestPlane, method = "GET"): Promise<Talk> {
  const client = await openTalk(t, plane.port);
  await client.write(`${method} / HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  return client;
}

describe("A body that the server sends", () => {
  for (const [kind, head, first, last, length] of [
    ["short, with Content-Length", "Content-Length: 20010\r\n", "first", "-last".padEnd(20_005, "."), 20_010],
    [
      "long, with Content-Length",
      "Content-Length: 200010\r\n",
      "first",
      "-last".padEnd(200_005, "."),
      200_010,
    ],
    ["chunked", "Transfer-Encoding: chunked\r\n", "5\r\nfirst\r\n", "5\r\n-last\r\n0\r\n\r\n", 10],
  ] as const) {
    test(`passes its first byte before the last was sent (${kind})`, async (t) => {
      const { opened, open } = createGate();
      const plane = await proxyBefore(t, async (talk) => {
        await talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${head}\r\n${first}`);
        await opened;
        await talk.write(last);
      });
      const client = await ask(t, plane);
      await client.take("first");
      assert.equal(plane.counts().inflight, 1);
      open();
      await client.take("-last");
      const [line] = await plane.settled();
      assert.equal(line?.bytesOut, length);
      assert.equal(plane.counts().inflight, 0);
      assert.equal(plane.counts().bytesOut, line?.bytesOut);
    });
  }

  test("of at most 16 KiB is held until it is whole", async (t) => {
    const { opened, open } = createGate();
    const plane = await proxyBefore(t, async (talk) => {
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 16384\r\n\r\nfirst");
      await opened;
      await talk.write("x".repeat(16_379));
    });
    const client = await ask(t, plane);
    await pause(150);
    assert.equal(client.text(), "");
    assert.equal(plane.counts().inflight, 1);
    open();
    const head = await takeHead(client);
    assert.equal(head.get("content-length"), "16384");
    assert.match(await takeBody(client, head), /^firstx+$/);
    const [line] = await plane.settled();
    assert.equal(line?.bytesOut, 16_384);
    assert.equal(plane.counts().inflight, 0);
  });

  for (const length of [1, 1000, 16_384, 16_385, 65_536]) {
    test(`keeps its Content-Length of ${length}, though it arrives in several writes`, async (t) => {
      const body = "x".repeat(length);
      const plane = await proxyBefore(t, async (talk) => {
        await talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`);
        for (let at = 0; at < length; at += 20_000) await talk.write(body.slice(at, at + 20_000));
      });
      const client = await ask(t, plane);
      const head = await takeHead(client);
      assert.equal(head.get("content-length"), String(length));
      assert.equal(head.get("transfer-encoding"), undefined);
      assert.equal(await client.takeBytes(length), body);
      const [line] = await plane.settled();
      assert.equal(line?.bytesOut, length);
    });
  }

  test("short and of known length passes its first byte before the last, though it trickles steadily", async (t) => {
    const seen = createGate();
    const plane = await proxyBefore(t, async (talk) => {
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20000\r\n\r\n");
      let sent = 0;
      void seen.opened.then(() => {
        const rest = 20_000 - sent;
        sent = 20_000;
        return talk.write("x".repeat(rest));
      });
      while (sent < 900) {
        sent += 1;
        await talk.write("x");
        await pause(5);
      }
    });
    const client = await ask(t, plane);
    const head = await takeHead(client);
    seen.open();
    assert.equal((await takeBody(client, head)).length, 20_000);
  });

  test("of a known length over 64 KiB keeps its Content-Length", async (t) => {
    const body = "x".repeat(300_000);
    const plane = await proxyBefore(t, (talk) =>
      talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 300000\r\n\r\n${body}`),
    );
    const client = await ask(t, plane);
    const head = await takeHead(client);
    assert.equal(head.get("content-length"), "300000");
    assert.equal((await takeBody(client, head)) === body, true);
  });

  test("of a short body without a type stays without one", async (t) => {
    const plane = await proxyBefore(t, (talk) =>
      talk.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
    const client = await ask(t, plane);
    const head = await takeHead(client);
    assert.equal(head.get("content-type"), undefined);
    await client.take("ok");
  });

  test("until the connection's end arrives whole", async (t) => {
    const plane = await proxyBefore(t, async (talk) => {
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nall of it");
      talk.end();
    });
    const client = await ask(t, plane);
    assert.equal(await takeBody(client, await takeHead(client)), "all of it");
  });

  test("empty and of length 0 arrives empty, and keeps its type and length", async (t) => {
    const plane = await proxyBefore(t, (talk) =>
      talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 0\r\n\r\n"),
    );
    const client = await ask(t, plane);
    const head = await takeHead(client);
    assert.equal(head.get("content-type"), "text/css");
    assert.equal(head.get("content-length"), "0");
    const [line] = await plane.settled();
    assert.equal(line?.bytesOut, 0);
  });
});

describe("An answer without a body", () => {
  test("to HEAD keeps the length that GET would have", async (t) => {
    const plane = await proxyBefore(t, (talk) =>
      talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1234\r\n\r\n"),
    );
    const client = await ask(t, plane, "HEAD");
    const head = await takeHead(client);
    assert.equal(head.start, "HTTP/1.1 200 OK");
    assert.equal(head.get("content-length"), "1234");
    const [line] = await plane.settled();
    assert.equal(line?.bytesOut, 0);
    assert.equal(client.text(), "");
  });

  for (const status of [204, 205, 304]) {
    test(`with status ${status} has none, and the connection goes on`, async (t) => {
      const plane = await proxyBefore(t, (talk) =>
        talk.write(
          `HTTP/1.1 ${status} X\r\nETag: "a"\r\n${status === 205 ? "Content-Length: 0\r\n" : ""}\r\n`,
        ),
      );
      const client = await ask(t, plane);
      const head = await takeHead(client);
      assert.match(head.start, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(head.get("etag"), '"a"');
      await plane.settled();
      assert.equal(client.isClosed(), false);
      assert.equal(plane.counts().statuses[status === 304 ? "3xx" : "2xx"], 1);
    });
  }
});

describe("A body that breaks off", () => {
  const type = "Content-Type: text/plain\r\n";
  const chunked = `${type}Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n`;
  const cuts = [
    [
      "long, shorter than its Content-Length",
      `${type}Content-Length: 200000\r\n\r\n${"x".repeat(100_000)}`,
      "more",
    ],
    ["chunked, without its last chunk", chunked, ""],
    ["chunked, within a chunk", chunked, "ff\r\nmore"],
    ["chunked, with a chunk that makes no sense", chunked, "zz\r\nmore\r\n"],
  ] as const;
  for (const [kind, answer, more] of cuts) {
    for (const how of ["end", "reset"] as const) {
      test(`(${kind}; ${how}) is seen as broken by the client`, async (t) => {
        const begun = createGate();
        const plane = await proxyBefore(t, async (talk) => {
          await talk.write(`HTTP/1.1 200 OK\r\n${answer}`);
          await begun.opened;
          await talk.write(more);
          talk[how]();
        });
        const client = await ask(t, plane);
        await client.take("\r\n\r\n");
        begun.open();
        await client.closed;
        assert.equal(client.text().endsWith("0\r\n\r\n"), false);
        assert.equal(client.receivedBytes() < 200_000, true);
        const [line] = await plane.settled();
        assert.equal(line?.broken, "http_response_incomplete");
        assert.equal(plane.counts().inflight, 0);
        assert.equal(plane.counts().errors, 1);
      });
    }
  }

  for (const how of ["end", "reset"] as const) {
    test(`(short, shorter than its Content-Length; ${how}) before anything was sent becomes a 502`, async (t) => {
      const plane = await proxyBefore(t, async (talk) => {
        await talk.write(`HTTP/1.1 200 OK\r\n${type}Content-Length: 10\r\n\r\nfirst`);
        talk[how]();
      });
      const client = await ask(t, plane);
      const head = await takeHead(client);
      assert.match(head.start, / 502 /);
      assert.match(head.get("proxy-status") ?? "", /error=http_response_incomplete/);
      const [line] = await plane.settled();
      assert.equal(line?.error, "http_response_incomplete");
      assert.equal(plane.counts().inflight, 0);
      assert.equal(plane.counts().errors, 1);
    });
  }

  test("(short; after its first part was sent on) is seen as broken by the client", async (t) => {
    const begun = createGate();
    const plane = await proxyBefore(t, async (talk) => {
      await talk.write(`HTTP/1.1 200 OK\r\n${type}Content-Length: 20000\r\n\r\nfirst`);
      await begun.opened;
      talk.end();
    });
    const client = await ask(t, plane);
    await client.take("first");
    begun.open();
    await client.closed;
    assert.equal(client.text().endsWith("0\r\n\r\n"), false);
    const [line] = await plane.settled();
    assert.equal(line?.broken, "http_response_incomplete");
  });
});

describe("A server that gives no answer", () => {
  const faults: readonly (readonly [kind: string, play: (talk: Talk) => unknown, error: RegExp])[] = [
    ["closes without a word", (talk) => talk.end(), /connection_terminated/],
    ["resets the connection", (talk) => talk.reset(), /connection_terminated/],
    [
      "closes within its status line",
      (talk) => talk.write("HTTP/1.1 20").then(talk.end),
      /connection_terminated|http_protocol_error/,
    ],
    [
      "closes within its headers",
      (talk) => talk.write("HTTP/1.1 200 OK\r\nX-A: ").then(talk.end),
      /connection_terminated|http_protocol_error/,
    ],
    [
      "resets within its headers",
      (talk) => talk.write("HTTP/1.1 200 OK\r\nX-A: ").then(talk.reset),
      /connection_terminated|http_protocol_error/,
    ],
    [
      "answers with garbage",
      (talk) => talk.write("\u0000\u0001garbage\r\n\r\n\r\n").then(talk.end),
      /connection_terminated|http_protocol_error/,
    ],
    [
      "speaks another protocol and closes",
      (talk) => talk.write("SSH-2.0-OpenSSH_9\r\n").then(talk.end),
      /connection_terminated|http_protocol_error/,
    ],
    [
      "answers 101 unasked",
      (talk) => talk.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
      /http_protocol_error/,
    ],
    [
      "answers with status 600",
      (talk) => talk.write("HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n"),
      /http_protocol_error/,
    ],
    [
      "answers with status 999",
      (talk) => talk.write("HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nno"),
      /http_protocol_error/,
    ],
    [
      "answers with two different lengths",
      (talk) => talk.write("HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nno!"),
      /http_protocol_error/,
    ],
    [
      "answers with a negative length",
      (talk) => talk.write("HTTP/1.1 200 X\r\nContent-Length: -2\r\n\r\nno"),
      /http_protocol_error/,
    ],
  ];
  for (const [kind, play, error] of faults) {
    test(`(it ${kind}) makes a 502 that says so`, async (t) => {
      const plane = await proxyBefore(t, play);
      const client = await ask(t, plane);
      const head = await takeHead(client);
      assert.match(head.start, / 502 /);
      assert.match(head.get("proxy-status") ?? "", error);
      const [line] = await plane.settled();
      assert.equal(line?.status, 502);
      assert.equal(plane.counts().requests, 1);
      assert.equal(plane.counts().errors, 1);
      assert.equal(plane.counts().inflight, 0);
      assert.deepEqual(plane.faults, []);
    });
  }
});

test("The words in a path do not change what a failure is taken for", async (t) => {
  for (const word of ["dns-error", "certificate", "tls-handshake", "os-error-111)", "refused):%20dns"]) {
    let connections = 0;
    const server = await startTalkServer(t, async (talk) => {
      connections += 1;
      await takeHead(talk);
      talk.reset();
    });
    const plane = await startPlaneFor(t, proxyTo([server.url, server.url.replace("127.0.0.1", "localhost")]));
    const client = await openTalk(t, plane.port);
    await client.write(`POST /${word}?q=${word} HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx`);
    assert.match((await takeHead(client)).get("proxy-status") ?? "", /error=connection_terminated/);
    assert.equal(connections, 1);
  }
});

describe("An answer's fields", () => {
  test("Set-Cookie lines stay separate lines, in their order", async (t) => {
    const plane = await proxyBefore(t, (talk) =>
      talk.write(
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT\r\nSet-Cookie: b=2\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
    const client = await ask(t, plane);
    const head = await takeHead(client);
    assert.deepEqual(head.all("set-cookie"), ["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
  });

  test("interim answers are not taken for the answer", async (t) => {
    const plane = await proxyBefore(t, (talk) =>
      talk.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
    const client = await ask(t, plane);
    const head = await takeHead(client);
    assert.equal(head.start, "HTTP/1.1 200 OK");
    assert.equal(plane.counts().statuses["2xx"], 1);
  });
});
