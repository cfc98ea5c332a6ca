import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalCounter } from "../../../src/board/refusal-reasons.ts";
import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { rawRequest } from "../../kit/raw-request.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startTcpServer } from "../../kit/start-server.ts";
import { openTalk, takeBody, takeHead } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

const host = "Host: site.test\r\n";

/** A server that answers once it has seen the end of a request, and keeps all that came. */
async function startRecorder(t: Teardown) {
  const seen: string[] = [];
  const { url } = await startTcpServer(t, (socket) => {
    const place = seen.push("") - 1;
    let answered = 0;
    socket.on("data", (chunk: Uint8Array) => {
      seen[place] += Buffer.from(chunk).toString("latin1");
      const ends = (seen[place] ?? "").split(/0\r\n\r\n|GET [^]*?\r\n\r\n/).length - 1;
      for (; answered < ends; answered++)
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  return { url, seen };
}

async function start(t: Teardown, limits: object) {
  const server = await startRecorder(t);
  return { ...(await startPlaneFor(t, { ...proxyTo([server.url]), limits })), seen: server.seen };
}

describe("a body over the limit", () => {
  test("that says its length is answered 413 before any of it is read", async (t) => {
    const { port, board, seen } = await start(t, { body: "10B" });
    const talk = await openTalk(t, port);
    await talk.write(`POST / HTTP/1.1\r\n${host}Content-Length: 11\r\n\r\n`);
    assert.match((await takeHead(talk)).start, / 413 /);
    assert.deepEqual(seen, []);
    assert.equal(board.counter(refusalCounter("body")), 1);
  });

  test("is counted as it streams: 413, and the server never sees its end", async (t) => {
    const { port, board, seen, settled } = await start(t, { body: "10B" });
    const talk = await openTalk(t, port);
    await talk.write(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await eventually(() => seen[0]?.includes("hello") === true);
    await talk.write("6\r\n world\r\n");
    assert.match((await takeHead(talk)).start, / 413 /);
    const [line] = await settled();
    assert.deepEqual([line?.status, line?.attempts?.[0]?.outcome], [413, "long_body"]);
    assert.doesNotMatch(seen[0] ?? "", /0\r\n\r\n/);
    assert.equal(board.counter(refusalCounter("body")), 1);
  });

  test("that turns out so amid the answer cuts that, and is not the server's failure", async (t) => {
    const answer =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n";
    const { url } = await startTcpServer(t, (socket) => {
      socket.once("data", () => socket.write(answer));
    });
    const { port, board, settled, counts } = await startPlaneFor(t, {
      ...proxyTo([url]),
      limits: { body: "10B" },
    });
    const talk = await openTalk(t, port);
    await talk.write(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    await talk.take("2\r\nhi\r\n");
    await talk.write("6\r\n world\r\n");
    await eventually(() => talk.isClosed());
    assert.equal(talk.text(), "");
    const [line] = await settled();
    assert.equal(line?.broken, "long_body");
    assert.equal(counts().errors, 0);
    assert.equal(board.counter(refusalCounter("body")), 1);
  });

  test("is one byte over: up to the limit all passes, and the connection goes on", async (t) => {
    const { port, seen } = await start(t, { body: "10B" });
    const talk = await openTalk(t, port);
    for (let round = 0; round < 3; round++) {
      await talk.write(
        `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n`,
      );
      const head = await takeHead(talk);
      assert.match(head.start, / 200 /);
      assert.equal(await takeBody(talk, head), "ok");
    }
    assert.ok(seen.join("").includes("0123456789"));
  });
});

describe("after a refusal with an unread body", () => {
  const inner = `GET /smuggled HTTP/1.1\r\n${host}\r\n`;
  const bodies = [
    ["a length", `Content-Length: ${inner.length}\r\n\r\n${inner}`],
    ["chunks", `Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`],
  ] as const;
  for (const [what, rest] of bodies) {
    for (const limits of [{ body: "4B" }, { uri: "1B" }, { rate: [{ key: "client-ip", rate: "1/h" }] }]) {
      test(`by ${Object.keys(limits)[0]}, nobody reads ${what} as the next request`, async (t) => {
        const { port, seen, settled } = await start(t, limits);
        const isRate = "rate" in limits;
        if (isRate) await fetch(`http://127.0.0.1:${port}/first`).then((answer) => answer.text());
        const talk = await openTalk(t, port);
        await talk.write(`POST /x HTTP/1.1\r\n${host}${rest}`);
        const head = await takeHead(talk);
        assert.match(head.start, / 4(13|14|29) /);
        await takeBody(talk, head);
        await talk.write(`GET /second HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
        await talk.closed;
        assert.ok((talk.text().match(/^HTTP\/1\.1 /gm) ?? []).length <= 1, talk.text());
        const lines = await settled(isRate ? 2 : 1);
        assert.ok(!lines.some(({ path }) => path.includes("smuggled")), JSON.stringify(lines));
        assert.ok(!seen.join("").includes("GET /smuggled"));
      });
    }
  }

  test("whose rest never comes, the client still gets its answer and others are served", async (t) => {
    const { port } = await start(t, { body: "1KiB" });
    const stuck = await openTalk(t, port);
    await stuck.write(`POST / HTTP/1.1\r\n${host}Content-Length: 100000000\r\n\r\nabc`);
    assert.match((await takeHead(stuck)).start, / 413 /);
    const next = await rawRequest(port, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    assert.match(next, /^HTTP\/1\.1 200/);
  });

  test("that is megabytes long and already on its way, the client gets its answer", async (t) => {
    const { port } = await start(t, { body: "1KiB" });
    const talk = await openTalk(t, port);
    void talk.write(`POST / HTTP/1.1\r\n${host}Content-Length: 3000000\r\n\r\n${"x".repeat(3_000_000)}`);
    assert.match((await takeHead(talk)).start, / 413 /);
  });
});

describe("a head over the limit", () => {
  test("is answered 414 for its path and query", async (t) => {
    const { url } = await start(t, { uri: "20B" });
    assert.equal((await fetch(`${url}/${"a".repeat(19)}`)).status, 200);
    assert.equal((await fetch(`${url}/${"a".repeat(20)}`)).status, 414);
    assert.equal((await fetch(`${url}/a?${"a".repeat(20)}`)).status, 414);
  });

  test("is answered 431 for its field lines", async (t) => {
    const { url } = await start(t, { headers: "1KiB" });
    assert.equal((await fetch(url, { headers: { "x-long": "a".repeat(500) } })).status, 200);
    assert.equal((await fetch(url, { headers: { "x-long": "a".repeat(1024) } })).status, 431);
  });

  test("is answered 431 by default beyond 16 KiB, by us or by the runtime", async (t) => {
    const { port } = await start(t, {});
    const long = `GET / HTTP/1.1\r\n${host}Connection: close\r\nX-Long: ${"a".repeat(17_000)}\r\n\r\n`;
    assert.match(await rawRequest(port, long), /^HTTP\/1\.1 431/);
  });

  test("may be longer where a route says so, and shorter", async (t) => {
    const ok = { respond: { body: "ok" } };
    const { url } = await startPlaneFor(t, {
      limits: { uri: "20B" },
      routes: [
        { path: "/long/*", ...ok, limits: { uri: "100B" } },
        { path: "/short/*", ...ok, limits: { uri: "10B" } },
        { path: "/*", ...ok },
      ],
    });
    assert.equal((await fetch(`${url}/long/${"a".repeat(50)}`)).status, 200);
    assert.equal((await fetch(`${url}/short/${"a".repeat(5)}`)).status, 414);
    assert.equal((await fetch(`${url}/${"a".repeat(15)}`)).status, 200);
  });
});
