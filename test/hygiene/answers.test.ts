import assert from "node:assert/strict";
import { test } from "node:test";

import { openTalk, startTalkServer, takeHead } from "../kit/talk.ts";
import type { Talk } from "../kit/talk.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import { rawRequest } from "../kit/raw-request.ts";
import { get } from "./judge.ts";

const isBun = "Bun" in globalThis;
const TEXT = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
const OK = `${TEXT}Content-Length: 2\r\n\r\nok`;
const EVIL = "HTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\nContent-Length: 4\r\n\r\nEVIL";

/** What a server does with each request. */
type Deed = (talk: Talk) => unknown;

/** Says on and on what it is given, until it is cut. */
async function sayForEver(talk: Talk, start: string, more: (index: number) => string): Promise<void> {
  await talk.write(start);
  for (let index = 0; !talk.isClosed(); index++) await Promise.race([talk.write(more(index)), talk.closed]);
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("");

/**
 * What the server does, and what the client gets: a status and a body, `cut` behind it where that does not end as it should.
 * Where the head may have been passed on before the fault comes, both are right.
 */
const cases: readonly (readonly [what: string, deed: Deed, bun: string, deno?: string])[] = [
  [
    "a head of 300 KB",
    (talk) => talk.write(`${TEXT}${lines(100, (i) => `X-${i}: ${"a".repeat(3000)}\r\n`)}\r\n`),
    "502",
  ],
  [
    "1,000 cookies",
    (talk) => talk.write(`${TEXT}${lines(1000, (i) => `Set-Cookie: c${i}=1\r\n`)}\r\n`),
    "502",
  ],
  ["a head without end", (talk) => sayForEver(talk, TEXT, (i) => `X-${i}: ${"a".repeat(500)}\r\n`), "502"],
  ["a first line without end", (talk) => sayForEver(talk, "HTTP/1.1 200 ", () => "a".repeat(500)), "502"],
  [
    "interim answers without end",
    (talk) => sayForEver(talk, "", () => "HTTP/1.1 103 Early Hints\r\n\r\n"),
    "502",
    "504",
  ],
  [
    "a chunk extension without end",
    (talk) => sayForEver(talk, `${TEXT}Transfer-Encoding: chunked\r\n\r\n2;`, () => "a".repeat(500)),
    "200 cut|502",
  ],
  [
    "trailers without end",
    (talk) =>
      sayForEver(
        talk,
        `${TEXT}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n`,
        (i) => `X-${i}: ${"a".repeat(100)}\r\n`,
      ),
    "200 ok cut|502",
  ],
  [
    "trailers that speak of framing",
    (talk) =>
      talk.write(`${TEXT}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nContent-Length: 50\r\n\r\n`),
    "200 ok",
  ],
  [
    "one byte at a time",
    (talk) => sayByByte(talk, `${TEXT}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    "200 ok",
  ],
  ["another answer behind it", (talk) => talk.write(OK + EVIL), "200 ok"],
  [
    "another behind its last chunk",
    (talk) => talk.write(`${TEXT}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${EVIL}`),
    "200 ok",
  ],
  [
    "another in place of the body of 304",
    (talk) => talk.write(`HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n${EVIL}`),
    "304",
  ],
  [
    "another in place of the body of 204",
    (talk) => talk.write(`HTTP/1.1 204 No Content\r\n\r\n${EVIL}`),
    "204",
  ],
  [
    "another protocol that nobody asked for",
    (talk) =>
      talk.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n${EVIL}`),
    "502",
  ],
  [
    "a bare CR in Location",
    (talk) =>
      talk.write(
        "HTTP/1.1 302 Found\r\nLocation: http://x/\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n",
      ),
    "502",
  ],
  ["no HTTP", (talk) => talk.write("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "502"],
  ["a body up to its goodbye", (talk) => goodbye(talk, `${TEXT}Connection: close\r\n\r\nok`), "200 ok"],
  [
    "a body that is too short",
    (talk) => goodbye(talk, `${TEXT}Content-Length: 100000\r\n\r\nok`),
    "200 ok cut",
  ],
];

async function sayByByte(talk: Talk, text: string): Promise<void> {
  talk.socket.setNoDelay(true);
  for (const byte of text) await talk.write(byte);
}

async function goodbye(talk: Talk, text: string): Promise<void> {
  await talk.write(text);
  talk.end();
}

/** Whether it ends as it says: by its length, with its last chunk, or without a body. */
function describeAnswer(text: string): string {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const status = head.slice(9, 12);
  if (status !== "200") return status;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) return `200 ${body}${body.length === Number(length) ? "" : " cut"}`;
  const isWhole = /(?:^|\r\n)0\r\n$/.test(body) || text.endsWith("0\r\n\r\n");
  const chunks = body.replaceAll(/[\da-f]+\r\n/g, "").replaceAll("\r\n", "");
  return `200 ${chunks}${isWhole ? "" : " cut"}`.replace("  ", " ");
}

for (const [what, deed, bun, deno = bun] of cases)
  test(`a server that answers with ${what} harms neither its client nor the next`, async (t) => {
    let asked = 0;
    const server = await startTalkServer(t, async (talk) => {
      while (!talk.isClosed()) {
        await takeHead(talk);
        asked++;
        await (asked === 1 ? deed(talk) : talk.write(OK));
      }
    });
    const { port, faults } = await startPlaneFor(t, {
      upstreams: {
        app: { servers: [server.url], retry: { attempts: 1 }, timeouts: { response: "1s", idle: "1s" } },
      },
      routes: [{ path: "/*", upstream: "app", filters: { response: [{ rewriteLocation: true }] } }],
      accessLog: { format: "off" },
    });
    const first = await rawRequest(port, get("/first"), { timeoutMs: 5000 });
    const expected = (isBun ? bun : deno).split("|");
    assert.ok(
      expected.includes(describeAnswer(first)),
      `${describeAnswer(first)}, not ${expected.join(" or ")}`,
    );
    assert.doesNotMatch(first, /evil/i);
    const second = await rawRequest(port, get("/second"), { timeoutMs: 5000 });
    assert.equal(describeAnswer(second), "200 ok");
    assert.doesNotMatch(second, /evil/i);
    assert.deepEqual(faults, []);
  });

test("a client that closes its half after the request leaves, as far as anybody can tell", async (t) => {
  const server = await startTalkServer(t, async (talk) => {
    await takeHead(talk);
    await talk.closed;
  });
  const plane = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app" }],
  });
  const client = await openTalk(t, plane.port);
  await client.write("GET / HTTP/1.1\r\nHost: site.test\r\n\r\n");
  client.end();
  const [line] = await plane.settled(1);
  assert.equal(line?.status, 499);
});
