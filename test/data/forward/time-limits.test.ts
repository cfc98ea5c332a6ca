import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, pause } from "../../kit/eventually.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { answerEach, openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
const GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const once = { attempts: 0 };
const isDeno = "Deno" in globalThis;

describe("A deadline toward a server", () => {
  test("for the response ends in a 504, closes the connection, and is counted as its failure", async (t) => {
    const closed = createGate();
    const server = await startTalkServer(t, async (talk) => {
      await talk.closed;
      closed.open();
    });
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { retry: once, timeouts: { response: "100ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    const head = await takeHead(client);
    assert.match(head.start, / 504 /);
    assert.match(head.get("proxy-status") ?? "", /error=http_response_timeout/);
    await closed.opened;
    const [line] = await plane.settled();
    assert.equal(line?.error, "http_response_timeout");
    assert.ok((line?.durationMs ?? 0) >= 100);
    assert.equal(plane.counts().errors, 1);
    assert.equal(plane.counts().inflight, 0);
  });

  test("for the response is followed by the next server for a GET", async (t) => {
    const slow = await startTalkServer(t, () => {});
    const quick = await startTalkServer(t, (talk) => answerEach(talk, OK));
    const plane = await startPlaneFor(t, proxyTo([slow.url, quick.url], { timeouts: { response: "100ms" } }));
    for (const _ of [0, 1]) {
      const client = await openTalk(t, plane.port);
      await client.write(GET);
      assert.match((await takeHead(client)).start, / 200 /);
    }
    assert.equal(plane.counts(slow.url.slice(7)).errors, 1);
  });

  test("also ends a server that says a banner and no more", async (t) => {
    const server = await startTalkServer(t, (talk) => talk.write("SSH-2.0-OpenSSH_9.9\r\n\r\n"));
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { retry: once, timeouts: { response: "150ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    assert.match((await takeHead(client)).start, / 50[24] /);
    await plane.settled();
    assert.equal(plane.counts().errors, 1);
  });

  test("for the connection ends in a 504 long before the response's where the server accepts nobody", async (t) => {
    const server = await startTalkServer(t, () => {});
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { retry: once, timeouts: { connect: "100ms" } }),
      {
        host: { canConnect: (_, timeoutMs) => pause(timeoutMs).then(() => false) },
      },
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    const head = await takeHead(client);
    assert.match(head.start, / 504 /);
    assert.match(head.get("proxy-status") ?? "", /error=connection_timeout/);
    const [line] = await plane.settled();
    assert.ok((line?.durationMs ?? 0) >= 100);
  });

  test(`for the connection covers the handshake of TLS${"Deno" in globalThis ? ", or the response's does" : ""}`, async (t) => {
    const server = await startTalkServer(t, (talk) => talk.closed);
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url.replace("http:", "https:")], {
        retry: once,
        timeouts: { connect: "100ms", ...("Deno" in globalThis && { response: "200ms" }) },
      }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    const head = await takeHead(client);
    assert.match(head.start, / 504 /);
    const fault = "Deno" in globalThis ? "http_response_timeout" : "connection_timeout";
    assert.match(head.get("proxy-status") ?? "", new RegExp(`error=${fault}`));
  });

  test("for the connection does not cut a server that accepts and thinks", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await pause(400);
      await talk.write(OK);
    });
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { retry: once, timeouts: { connect: "100ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    assert.match((await takeHead(client)).start, / 200 /);
  });

  for (const [kind, answer] of [
    ["short", "Content-Length: 20000\r\n\r\nfirst"],
    ["long", "Content-Length: 200000\r\n\r\nfirst"],
    ["chunked", "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"],
  ] as const) {
    test(`for silence in the body breaks the answer off (${kind})`, async (t) => {
      const closed = createGate();
      const server = await startTalkServer(t, async (talk) => {
        await takeHead(talk);
        await talk.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${answer}`);
        await talk.closed;
        closed.open();
      });
      const plane = await startPlaneFor(t, proxyTo([server.url], { timeouts: { idle: "100ms" } }));
      const client = await openTalk(t, plane.port);
      await client.write(GET);
      await client.take("first");
      await client.closed;
      assert.equal(client.text().endsWith("0\r\n\r\n"), false);
      await closed.opened;
      const [line] = await plane.settled();
      assert.equal(line?.broken, "connection_read_timeout");
      assert.equal(plane.counts().errors, 1);
      assert.equal(plane.counts().inflight, 0);
    });
  }

  test("for silence in a body that is held ends in a 504, and is counted as the server's failure", async (t) => {
    const closed = createGate();
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nfirst");
      await talk.closed;
      closed.open();
    });
    const plane = await startPlaneFor(t, proxyTo([server.url], { retry: once, timeouts: { idle: "100ms" } }));
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    const head = await takeHead(client);
    assert.match(head.start, / 504 /);
    assert.match(head.get("proxy-status") ?? "", /error=connection_read_timeout/);
    await closed.opened;
    const [line] = await plane.settled();
    assert.equal(line?.error, "connection_read_timeout");
    assert.equal(plane.counts().errors, 1);
    assert.equal(plane.counts().inflight, 0);
  });

  test("for silence does not cut a body that trickles", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20000\r\n\r\n");
      for (let at = 0; at < 10; at++) {
        await pause(80);
        await talk.write("x".repeat(2000));
      }
    });
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { timeouts: { idle: "600ms", response: "600ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    assert.match(await takeBody(client, await takeHead(client)), /^x+$/);
    await plane.settled();
    assert.equal(plane.counts().bytesOut, 20_000);
  });

  test("for everything ends an answer that goes on and on", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (!talk.isClosed()) {
        void talk.write("1\r\nx\r\n");
        await pause(20);
      }
    });
    const plane = await startPlaneFor(t, proxyTo([server.url], { timeouts: { total: "300ms" } }));
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    await client.closed;
    const [line] = await plane.settled();
    assert.ok((line?.durationMs ?? 0) >= 300);
    assert.notEqual(line?.broken, undefined);
    assert.equal(plane.counts().inflight, 0);
  });

  test("for everything holds over all attempts", async (t) => {
    const server = await startTalkServer(t, () => {});
    const other = await startTalkServer(t, () => {});
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url, other.url], {
        timeouts: { total: "300ms", response: "200ms" },
        retry: { backoff: "0s" },
      }),
    );
    const client = await openTalk(t, plane.port);
    await client.write(GET);
    assert.match((await takeHead(client)).start, / 504 /);
    const line = (await plane.settled())[0]!;
    assert.equal(line.attempts?.length, 2);
    assert.ok(line.durationMs >= 300 && line.durationMs < 390, String(line.durationMs));
  });
});

describe("A slow upload", () => {
  test("that stands still ends in a 408, and the server is not blamed", async (t) => {
    const closed = createGate();
    const server = await startTalkServer(t, async (talk) => {
      await talk.closed;
      closed.open();
    });
    const plane = await startPlaneFor(t, proxyTo([server.url], { timeouts: { idle: "150ms" } }));
    const client = await openTalk(t, plane.port);
    await client.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nfirst");
    assert.match((await takeHead(client)).start, / 408 /);
    await closed.opened;
    const [line] = await plane.settled();
    assert.equal(line?.status, 408);
    assert.equal(line?.bytesIn, 5);
    assert.equal(plane.counts().errors, 0);
    assert.equal(plane.counts().inflight, 0);
    assert.equal(server.count(), 1);
  });

  test("that goes on is not cut by the response's deadline", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeBody(talk, await takeHead(talk));
      await talk.write(OK);
    });
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { timeouts: { idle: "300ms", response: "200ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n");
    for (let at = 0; at < 10; at++) {
      await pause(60);
      await client.write("x");
    }
    assert.match((await takeHead(client)).start, / 200 /);
  });

  test("that is over starts the response's deadline", async (t) => {
    const server = await startTalkServer(t, () => {});
    const plane = await startPlaneFor(
      t,
      proxyTo([server.url], { retry: once, timeouts: { response: "200ms" } }),
    );
    const client = await openTalk(t, plane.port);
    await client.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nfirst");
    assert.match((await takeHead(client)).start, / 504 /);
    const [line] = await plane.settled();
    assert.equal(line?.error, "http_response_timeout");
  });
});

/** Bun looks at idle connections every 4 s, so less would not show its limit; Deno has none. */
const QUIET_MS = isDeno ? 300 : 5500;

test(
  "Quiet exchanges outlive the listener's idleTimeout, and idle connections do not",
  { timeout: 20_000 },
  async (t) => {
    const outlive = async (what: keyof typeof QUIET): Promise<void> => {
      const [first, last] = QUIET[what];
      const server = await startTalkServer(t, async (talk) => {
        await takeHead(talk);
        if (first !== "") await talk.write(first);
        await pause(QUIET_MS);
        await talk.write(last);
        if (what === "a stream of events") talk.end();
      });
      const plane = await startPlaneFor(t, {
        ...proxyTo([server.url], { timeouts: { connect: "0s" } }),
        listeners: { web: { bind: "127.0.0.1:0", idleTimeout: "1s" } },
      });
      const client = await openTalk(t, plane.port);
      await client.write(GET);
      const head = await takeHead(client);
      assert.match(head.start, / 200 /, what);
      assert.equal(await takeBody(client, head), "ok", what);
      await plane.settled();
      if (!isDeno) await eventually(() => client.isClosed(), 9000);
    };
    await Promise.all([
      outlive("a server that thinks"),
      outlive("a stream of events"),
      outlive("a short body that is late"),
    ]);
  },
);

/** What the server says before it is quiet, and after. */
const QUIET = {
  "a server that thinks": ["", OK],
  "a stream of events": [
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
    "ok",
  ],
  "a short body that is late": [OK.slice(0, -2), "ok"],
} as const;
