import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { freePort } from "../../kit/free-port.ts";
import { createGate } from "../../kit/gate.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { openTalk, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Head, Talk } from "../../kit/talk.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

function upload(method: string, body: string, fields = ""): string {
  return `${method} / HTTP/1.1\r\nHost: a.test\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
}

describe("A body that the client sends", () => {
  for (const [kind, framing, first, last] of [
    ["with Content-Length", "Content-Length: 10", "first", "-last"],
    ["chunked", "Transfer-Encoding: chunked", "5\r\nfirst\r\n", "5\r\n-last\r\n0\r\n\r\n"],
  ] as const) {
    test(`passes its first byte before the last was sent, framed as it came (${kind})`, async (t) => {
      const firstCame = createGate();
      const heads: Head[] = [];
      const server = await startTalkServer(t, async (talk) => {
        const head = await takeHead(talk);
        heads.push(head);
        await talk.take("first");
        firstCame.open();
        await talk.take("-last");
        await talk.write(OK);
      });
      const plane = await startPlaneFor(t, proxyTo([server.url]));
      const client = await openTalk(t, plane.port);
      await client.write(`POST / HTTP/1.1\r\nHost: a.test\r\n${framing}\r\n\r\n${first}`);
      await firstCame.opened;
      assert.equal(plane.counts().inflight, 1);
      await client.write(last);
      assert.equal(await takeBody(client, await takeHead(client)), "ok");
      const [line] = await plane.settled();
      assert.equal(line?.bytesIn, 10);
      assert.equal(plane.counts().bytesIn, 10);
      assert.equal(plane.counts().inflight, 0);
      assert.equal(heads[0]?.get("content-length"), kind === "chunked" ? undefined : "10");
      assert.equal(heads[0]?.get("transfer-encoding"), kind === "chunked" ? "chunked" : undefined);
    });
  }

  for (const method of ["DELETE", "OPTIONS", "PATCH"]) {
    test(`of ${method} arrives`, async (t) => {
      const server = await startTalkServer(t, async (talk) => {
        const body = await takeBody(talk, await takeHead(talk));
        await talk.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      });
      const plane = await startPlaneFor(t, proxyTo([server.url]));
      const client = await openTalk(t, plane.port);
      await client.write(upload(method, "the body"));
      assert.equal(await takeBody(client, await takeHead(client)), "the body");
    });
  }

  for (const method of ["GET", "HEAD"]) {
    test(`of ${method} is dropped with its length: neither runtime can send it`, async (t) => {
      const heads: Head[] = [];
      const server = await startTalkServer(t, async (talk) => {
        heads.push(await takeHead(talk));
        await talk.write(method === "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : OK);
      });
      const plane = await startPlaneFor(t, proxyTo([server.url]));
      const client = await openTalk(t, plane.port);
      await client.write(upload(method, "the body"));
      assert.match((await takeHead(client)).start, / 200 /);
      const [head] = heads;
      assert.equal(head?.get("content-length") ?? "0", "0");
      assert.equal(head?.get("transfer-encoding"), undefined);
    });
  }

  test("that is empty stays empty", async (t) => {
    const heads: Head[] = [];
    const server = await startTalkServer(t, async (talk) => {
      heads.push(await takeHead(talk));
      await talk.write(OK);
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    await client.write(upload("POST", ""));
    assert.match((await takeHead(client)).start, / 200 /);
    assert.equal(heads[0]?.get("content-length"), "0");
    assert.equal(heads[0]?.get("transfer-encoding"), undefined);
  });

  test("of several megabytes arrives whole, and is counted", async (t) => {
    const sizeBytes = 5_000_000;
    const server = await startTalkServer(t, async (talk) => {
      const head = await takeHead(talk);
      assert.equal(head.get("content-length"), String(sizeBytes));
      const body = await takeBody(talk, head);
      const sum = Buffer.from(body, "latin1").reduce((total, byte) => total + byte, 0);
      await talk.write(`HTTP/1.1 200 OK\r\nX-Sum: ${sum}\r\nContent-Length: 0\r\n\r\n`);
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const body = Uint8Array.from({ length: sizeBytes }, (_, at) => at % 251);
    const client = await openTalk(t, plane.port);
    await client.write(`PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${sizeBytes}\r\n\r\n`);
    await client.write(body);
    const head = await takeHead(client);
    assert.equal(head.get("x-sum"), String(body.reduce((total, byte) => total + byte, 0)));
    assert.equal(plane.counts().bytesIn, sizeBytes);
  });

  test("whose answer comes before its end is answered at once", async (t) => {
    const server = await startTalkServer(t, async (talk) => {
      await takeHead(talk);
      await talk.write(
        "HTTP/1.1 413 Too Large\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
      );
    });
    const plane = await startPlaneFor(t, proxyTo([server.url]));
    const client = await openTalk(t, plane.port);
    await client.write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\nfirst");
    assert.match((await takeHead(client)).start, / 413 /);
    const [line] = await plane.settled();
    assert.equal(line?.status, 413);
    assert.equal(plane.counts().inflight, 0);
  });
});

describe("A body that must be sent again", () => {
  /** Servers that take the whole request, count it, and then play their part. */
  function countingServer(t: Parameters<typeof startTalkServer>[0], play: (talk: Talk) => unknown) {
    const bodies: string[] = [];
    const started = startTalkServer(t, async (talk) => {
      while (!talk.isClosed()) {
        const head = await takeHead(talk).catch(() => undefined);
        if (!head) return;
        bodies.push(await takeBody(talk, head));
        await play(talk);
      }
    });
    return started.then((server) => ({ ...server, bodies }));
  }
  const answer = (talk: Talk): Promise<void> => talk.write(OK);
  const reset = (talk: Talk): void => talk.reset();

  test("goes to the next server where the first refused the connection, whatever the method", async (t) => {
    const second = await countingServer(t, answer);
    const plane = await startPlaneFor(t, proxyTo([`http://127.0.0.1:${await freePort()}`, second.url]));
    const client = await openTalk(t, plane.port);
    for (const round of [0, 1]) {
      await client.write(upload("POST", `body ${round}`));
      assert.equal(await takeBody(client, await takeHead(client)), "ok");
    }
    assert.deepEqual(second.bodies, ["body 0", "body 1"]);
    const lines = await plane.settled(2);
    const outcomes = lines.map(({ attempts = [] }) => attempts.map(({ outcome }) => outcome).join(", "));
    assert.deepEqual(new Set(outcomes), new Set(["connection_refused, 200", "200"]));
    assert.equal(plane.counts(second.url.slice(7)).bytesIn, 12);
    assert.equal(plane.counts(second.url.slice(7)).retries, 1);
  });

  test("longer than bodyLimit still goes to the next server where none of it was sent", async (t) => {
    const second = await countingServer(t, answer);
    const body = "x".repeat(300_000);
    const plane = await startPlaneFor(
      t,
      proxyTo([`http://127.0.0.1:${await freePort()}`, second.url], { retry: { bodyLimit: "1KiB" } }),
    );
    for (const _ of [0, 1]) {
      const client = await openTalk(t, plane.port);
      await client.write(upload("POST", body));
      await takeHead(client);
    }
    assert.equal(second.bodies.at(-1) === body, true);
  });

  test("of PUT goes to the next server whole after a reset", async (t) => {
    const first = await countingServer(t, reset);
    const second = await countingServer(t, answer);
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url]));
    const body = "x".repeat(60_000);
    for (const _ of [0, 1]) {
      const client = await openTalk(t, plane.port);
      await client.write(upload("PUT", body));
      assert.match((await takeHead(client)).start, / 200 /);
    }
    assert.equal(first.bodies.length, 1);
    assert.equal(second.bodies.length, 2);
    assert.equal(
      second.bodies.every((seen) => seen === body),
      true,
    );
  });

  test("of PUT longer than bodyLimit is never sent twice after a reset", async (t) => {
    const first = await countingServer(t, reset);
    const second = await countingServer(t, reset);
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url], { retry: { bodyLimit: "1KiB" } }));
    for (const round of [1, 2]) {
      const client = await openTalk(t, plane.port);
      await client.write(upload("PUT", "x".repeat(2000)));
      assert.match((await takeHead(client)).start, / 502 /);
      assert.equal(first.bodies.length + second.bodies.length, round);
    }
  });

  test("of POST is never sent twice after a reset", async (t) => {
    const first = await countingServer(t, reset);
    const second = await countingServer(t, reset);
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url]));
    for (const round of [1, 2]) {
      const client = await openTalk(t, plane.port);
      await client.write(upload("POST", "small"));
      assert.match((await takeHead(client)).start, / 502 /);
      assert.equal(first.bodies.length + second.bodies.length, round);
    }
  });

  test("of POST is never sent twice after a 503", async (t) => {
    const busy = (talk: Talk): Promise<void> => talk.write("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
    const first = await countingServer(t, busy);
    const second = await countingServer(t, busy);
    const plane = await startPlaneFor(t, proxyTo([first.url, second.url]));
    const client = await openTalk(t, plane.port);
    await client.write(upload("POST", "small"));
    assert.match((await takeHead(client)).start, / 503 /);
    assert.equal(first.bodies.length + second.bodies.length, 1);
  });

  test("goes on from where it was where the first server resets in the middle of it", async (t) => {
    const half = createGate();
    let connections = 0;
    const script = async (talk: Talk): Promise<void> => {
      connections += 1;
      const isFirst = connections === 1;
      const head = await takeHead(talk);
      if (!isFirst)
        return talk.write(`${OK.slice(0, -2)}${(await takeBody(talk, head)) === "first-last" ? "ok" : "no"}`);
      await talk.take("first");
      talk.reset();
      half.open();
    };
    const servers = [await startTalkServer(t, script), await startTalkServer(t, script)];
    const plane = await startPlaneFor(t, proxyTo(servers.map(({ url }) => url)));
    const client = await openTalk(t, plane.port);
    await client.write("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nfirst");
    await half.opened;
    await client.write("-last");
    assert.equal(await takeBody(client, await takeHead(client)), "ok");
  });
});

describe("A client that leaves in its upload", () => {
  for (const how of ["end", "reset"] as const) {
    test(`(${how}) aborts the server's request, and no server is blamed`, async (t) => {
      const cut = createGate();
      const came = createGate();
      const server = await startTalkServer(t, async (talk) => {
        await takeHead(talk);
        await talk.take("first");
        came.open();
        await talk.closed;
        cut.open();
      });
      const plane = await startPlaneFor(
        t,
        proxyTo([server.url, server.url.replace("127.0.0.1", "localhost")]),
      );
      const client = await openTalk(t, plane.port);
      await client.write("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nfirst");
      await came.opened;
      if (how === "end") client.socket.destroy();
      else client.reset();
      await cut.opened;
      const [line] = await plane.settled();
      assert.equal(line?.status, 499);
      assert.equal(line?.broken, "client_left");
      assert.equal(line?.bytesIn, 5);
      assert.equal(server.count(), 1);
      assert.equal(plane.counts().errors, 0);
      assert.equal(plane.counts().inflight, 0);
      assert.deepEqual(plane.faults, []);
    });
  }
});
