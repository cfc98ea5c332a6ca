import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { CheckedFields } from "../../../src/http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../../src/http/outgoing-answer.ts";
import { FrontConnection } from "../../../src/runtime/front/front-connection.ts";
import type { ReceivedRequest } from "../../../src/runtime/front/received-request.ts";

type Handle = (request: ReceivedRequest) => OutgoingAnswer | undefined | Promise<OutgoingAnswer | undefined>;

/** A connection over a socket of paper, which takes as many bytes as it is told to. */
function connect(handle: Handle, { isLeaving = false } = {}) {
  const log: string[] = [];
  const seen = { text: "", room: Infinity, left: false };
  const socket = {
    remoteAddress: "192.0.2.7",
    write(bytes: Uint8Array, from = 0, lengthBytes = bytes.byteLength): number {
      const count = Math.min(lengthBytes, seen.room);
      seen.room -= count;
      seen.text += Buffer.from(bytes.subarray(from, from + count)).toString("latin1");
      return count;
    },
    pause: () => log.push("pause"),
    resume: () => log.push("resume"),
    shutdown: () => log.push("end"),
    end: () => log.push("close"),
    terminate: () => log.push("terminate"),
  };
  const connection = new FrontConnection(socket, {
    headCapBytes: 1000,
    handle,
    date: () => "Sun, 22 Nov 2026 12:00:00 GMT",
    isLeaving: () => isLeaving,
    now: () => 1,
    left: () => (seen.left = true),
  });
  const say = (text: string): void => connection.hear(Buffer.from(text, "latin1"));
  return { connection, log, seen, say };
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const get = (path: string, ...lines: string[]): string =>
  `GET ${path} HTTP/1.1\r\n${["Host: a.test", ...lines].join("\r\n")}\r\n\r\n`;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const whole = (text: string, fields: Record<string, string> = {}): OutgoingAnswer => ({
  status: 200,
  headers: new CheckedFields(fields),
  body: bytesOf(text),
});
const DATE = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";

function streamOf(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytesOf(chunk));
      controller.close();
    },
  });
}

describe("a client's connection", () => {
  test("answers in one piece, with a date and a length", () => {
    const { say, seen, log } = connect(() => whole("hello", { "x-my-field": "1" }));
    say(get("/"));
    assert.equal(seen.text, `HTTP/1.1 200 OK\r\nX-My-Field: 1\r\n${DATE}Content-Length: 5\r\n\r\nhello`);
    assert.deepEqual(log, []);
  });

  test("takes a head in whatever pieces it comes, an empty line before it too", () => {
    const { say, seen } = connect(({ url }) => whole(url));
    for (const sign of `\r\n${get("/a?b")}`) say(sign);
    assert.match(seen.text, /\r\n\r\nhttp:\/\/a\.test\/a\?b$/);
  });

  test("answers requests that come together in turn, however late the first answer is", async () => {
    const waiting: ((answer: OutgoingAnswer) => void)[] = [];
    const paths: string[] = [];
    const { say, seen, log } = connect(({ url }) => {
      paths.push(url);
      return new Promise((resolve) => waiting.push(resolve));
    });
    say(get("/1") + get("/2"));
    assert.deepEqual(paths, ["http://a.test/1"]);
    assert.deepEqual(log, []); // else it would not be noticed that the client leaves
    waiting[0]?.(whole("one"));
    await settle();
    assert.deepEqual(paths, ["http://a.test/1", "http://a.test/2"]);
    waiting[1]?.(whole("two"));
    await settle();
    assert.match(seen.text, /one.*two$/s);
  });

  test("takes thousands of requests in one piece", () => {
    let count = 0;
    const { say } = connect(() => whole(String(++count)));
    say(get("/").repeat(20_000));
    assert.equal(count, 20_000);
  });

  test("answers no further request while its client takes nothing of the last answer", async () => {
    let count = 0;
    const { connection, say, seen } = connect(() => whole(String(++count)));
    seen.room = 10;
    say(get("/").repeat(1000));
    await settle();
    assert.equal(count, 1);
    seen.room = Infinity;
    connection.drain();
    await settle();
    assert.equal(count, 1000);
  });

  test("is let go without a reset where its client does not close its end after our goodbye", async () => {
    const { connection, say, log } = connect(() => whole("hello"));
    say(get("/", "Connection: close"));
    await settle();
    connection.cut();
    assert.deepEqual(log, ["end", "close"]);
  });

  test("takes in no more than a head's worth of requests that wait for their turn", () => {
    const { say, log } = connect(() => new Promise(() => {}));
    say(get("/1"));
    say("x".repeat(1000));
    assert.deepEqual(log, []);
    say("x");
    assert.deepEqual(log, ["pause"]);
  });

  test("says goodbye once all of an answer is on its way, however long its client takes", async () => {
    const { connection, say, seen, log } = connect(() => whole("hello"));
    seen.room = 10;
    say(get("/", "Connection: close"));
    await settle();
    assert.equal(connection.endSince, 0);
    seen.room = Infinity;
    connection.drain();
    await settle();
    assert.match(seen.text, /\r\n\r\nhello$/);
    assert.deepEqual(log, ["end"]);
  });

  const endings: readonly (readonly [what: string, head: string, isKept: boolean])[] = [
    ["HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true],
    ["HTTP/1.1 that is asked to close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false],
    ["HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", false],
    ["HTTP/1.0 that is asked to stay", "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", true],
    [
      "a length beside a coding",
      "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      false,
    ],
    ["a coding that is unknown", "GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", false],
    ["a length that is none", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", false],
  ];
  for (const [what, head, isKept] of endings) {
    test(`${isKept ? "stays" : "closes"} behind ${what}`, () => {
      const { say, seen, log } = connect(() => whole("x"));
      say(head);
      assert.equal(/\r\nConnection: close\r\n/.test(seen.text), !isKept);
      assert.deepEqual(log, isKept ? [] : ["end"]);
    });
  }

  test("closes behind an answer that says so, and while its listener leaves", () => {
    const asked = connect(() => whole("x", { connection: "close" }));
    asked.say(get("/"));
    const leaving = connect(() => whole("x"), { isLeaving: true });
    leaving.say(get("/"));
    for (const { seen, log } of [asked, leaving]) {
      assert.match(seen.text, /\r\nConnection: close\r\n/);
      assert.deepEqual(log, ["end"]);
    }
  });

  const refusals: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ["no HTTP", "SSH-2.0-x\r\n\r\n", 400],
    ["a TLS handshake, before its end", "\x16\x03\x01", 400],
    ["a bare LF, before the head's end", "GET / HTTP/1.1\nHost: a", 400],
    ["a head that is too long, before its end", `GET /${"x".repeat(1000)}`, 431],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505],
  ];
  for (const [what, bytes, status] of refusals) {
    test(`answers ${what} with ${status}, and reads no further`, () => {
      const { say, seen, log } = connect(() => assert.fail("no request"));
      say(bytes);
      say(get("/smuggled"));
      assert.match(seen.text, new RegExp(`^HTTP/1.1 ${status} .*\r\n\r\n$`, "s"));
      assert.deepEqual(log, ["end"]);
    });
  }
});

describe("a body of a client's", () => {
  const post = (lines: string, body = ""): string => `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`;

  async function readAll(request: ReceivedRequest): Promise<OutgoingAnswer> {
    return whole(await new Response(request.body).text());
  }

  for (const [what, lines, body] of [
    ["a length", "Content-Length: 5", "hello"],
    ["chunks", "Transfer-Encoding: chunked", "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"],
  ] as const) {
    test(`with ${what} ends where it ends, and the next request begins there`, async () => {
      const { say, seen } = connect(readAll);
      for (const sign of post(lines, body) + get("/")) say(sign);
      await settle();
      assert.match(seen.text, /\r\n\r\nhello/);
      await settle();
      assert.equal(seen.text.match(/HTTP\/1\.1 200/g)?.length, 2);
    });
  }

  test("is waved on when somebody wants it, and not before", async () => {
    let want: () => void = () => {};
    const { say, seen } = connect(async (request) => {
      await new Promise<void>((resolve) => (want = resolve));
      return readAll(request);
    });
    say(post("Content-Length: 2\r\nExpect: 100-continue"));
    await settle();
    assert.equal(seen.text, "");
    want();
    await settle();
    assert.equal(seen.text, "HTTP/1.1 100 Continue\r\n\r\n");
    say("ok");
    await settle();
    assert.match(seen.text, /\r\n\r\nok$/);
  });

  test("that may never come, since nobody asked for it, ends the connection behind its answer", async () => {
    const { say, seen, log } = connect(() => whole("no"));
    say(post("Content-Length: 37\r\nExpect: 100-continue"));
    assert.match(seen.text, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n\r\nno$/);
    say(get("/next"));
    await settle();
    assert.equal(log.at(-1), "end");
    assert.equal(seen.text.match(/HTTP\/1\.1/g)?.length, 1);
  });

  test("that has come does not let in what waits behind it", async () => {
    const { say, log } = connect(async (request) => {
      await request.body?.getReader().read();
      return new Promise(() => {});
    });
    say(post("Transfer-Encoding: chunked", `${"1\r\na\r\n".repeat(9)}0\r\n\r\n${get("/next").repeat(50)}`));
    await settle();
    assert.deepEqual(log, ["pause"]);
  });

  test("makes its client wait where nobody reads it", async () => {
    const { say, log } = connect(() => new Promise(() => {}));
    say(post("Content-Length: 300000"));
    say("x".repeat(100_000));
    await settle();
    assert.deepEqual(log, ["pause"]);
  });

  for (const [what, pieces, told] of [
    ["at once is answered 400, and its request handed to nobody", ["zz\r\n"], []],
    [
      "later is answered 400, and who reads it is told why",
      ["2\r\nhe\r\n", "zz\r\n"],
      ["Cannot read the request: its chunks are malformed"],
    ],
  ] as const) {
    test(`whose chunks are malformed ${what}`, async () => {
      const failures: string[] = [];
      const { say, seen, log } = connect((request) =>
        readAll(request).catch((error: Error) => {
          failures.push(error.message);
          return whole("late");
        }),
      );
      const [first, ...more] = pieces;
      say(post("Transfer-Encoding: chunked", first));
      for (const piece of [...more, get("/smuggled")]) say(piece);
      await settle();
      assert.match(seen.text, /^HTTP\/1\.1 400 [^]*\r\n\r\n$/);
      assert.deepEqual([failures, log], [told, ["end"]]);
    });
  }

  test("that nobody wants is taken up to a megabyte, so that the answer can be read", async () => {
    const { say, seen, log } = connect(() => whole("no"));
    say(post("Content-Length: 5"));
    assert.match(seen.text, /\r\n\r\nno$/);
    say(`hello${get("/next")}`);
    await settle();
    assert.equal(seen.text.match(/HTTP\/1\.1 200/g)?.length, 2);
    say(post("Content-Length: 9000000"));
    for (let count = 0; count < 5; count++) say("x".repeat(300_000));
    assert.equal(log.at(-1), "end");
  });
});

describe("an answer", () => {
  const cases: readonly (readonly [what: string, head: string, () => OutgoingAnswer, expected: RegExp])[] = [
    [
      "to HEAD has the length alone",
      "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
      () => new Response(null, { headers: { "content-length": "7" } }),
      /\r\nContent-Length: 7\r\n\r\n$/,
    ],
    [
      "of 204 says nothing of a length",
      get("/"),
      () => new Response(null, { status: 204 }),
      /No Content\r\nDate: [^\r]*\r\n\r\n$/,
    ],
    [
      "of 304 says nothing of a length",
      get("/"),
      () => new Response(null, { status: 304, headers: { "content-length": "7" } }),
      /Not Modified\r\nDate: [^\r]*\r\n\r\n$/,
    ],
    ["without a body has the length 0", get("/"), () => new Response(null), /\r\nContent-Length: 0\r\n\r\n$/],
    [
      "of unknown length goes out in chunks",
      get("/"),
      () => new Response(streamOf("ab", "c")),
      /\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/,
    ],
    [
      "of known length keeps it while it streams",
      get("/"),
      () => new Response(streamOf("ab", "c"), { headers: { "content-length": "3" } }),
      /\r\nContent-Length: 3\r\n\r\nabc$/,
    ],
    [
      "of unknown length to HTTP/1.0 ends with the connection",
      "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
      () => new Response(streamOf("ab", "c")),
      /\r\nConnection: close\r\n\r\nabc$/,
    ],
  ];
  for (const [what, head, respond, expected] of cases) {
    test(what, async () => {
      const { say, seen } = connect(respond);
      say(head);
      await settle();
      await settle();
      assert.match(seen.text, expected);
    });
  }

  for (const [what, length] of [
    ["shorter", 4],
    ["longer", 2],
  ] as const) {
    test(`that is ${what} than it says cuts the connection`, async () => {
      const headers = { "content-length": String(length) };
      const { say, seen, log } = connect(() => new Response(streamOf("abc"), { headers }));
      say(get("/"));
      await settle();
      await settle();
      assert.equal(log.at(-1), "terminate");
      assert.equal(seen.left, true);
    });
  }

  test("that begins late sends its head at once", async () => {
    const { say, seen } = connect(
      () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
    );
    say(get("/"));
    await settle();
    assert.match(seen.text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  });

  test("is read no faster than its client takes it, and goes on where it stopped", async () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(bytesOf("x".repeat(1000)));
          if (++pulls === 5) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const { connection, say, seen } = connect(
      () => new Response(body, { headers: { "content-length": "5000" } }),
    );
    seen.room = 1500;
    say(get("/"));
    await settle();
    const before = pulls;
    assert.ok(before < 5);
    seen.room = Infinity;
    connection.drain();
    await settle();
    assert.equal(pulls, 5);
    assert.equal(seen.text.split("\r\n\r\n")[1]?.length, 5000);
  });

  for (const [whose, isStreamOwn, leftBytes] of [
    ["nobody else's are freed once they were sent", true, 0],
    ["somebody else's stay as they are", false, 100_000],
  ] as const) {
    test(`whose bytes are ${whose}`, async () => {
      const bytes = new Uint8Array(100_000).fill(0x78);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes);
          controller.close();
        },
      });
      const headers = new CheckedFields({ "content-length": "100000" });
      const { connection, say, seen } = connect(() => ({ status: 200, headers, body, isStreamOwn }));
      seen.room = 1500;
      say(get("/"));
      await settle();
      connection.compact();
      assert.equal(bytes.byteLength, leftBytes);
      assert.ok(connection.outlet.unsentBytes > 98_000);
      seen.room = Infinity;
      connection.drain();
      await settle();
      assert.equal(seen.text.split("\r\n\r\n")[1], "x".repeat(100_000));
      assert.equal(bytes.byteLength, leftBytes);
    });
  }

  test("whose bytes share their memory keeps those that are still to come", async () => {
    const bytes = new Uint8Array(200_000).fill(0x78);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const from of [0, 100_000]) controller.enqueue(bytes.subarray(from, from + 100_000));
        controller.close();
      },
    });
    const headers = new CheckedFields({ "content-length": "200000" });
    const { connection, say, seen } = connect(() => ({ status: 200, headers, body, isStreamOwn: true }));
    seen.room = 1500;
    say(get("/"));
    await settle();
    connection.compact();
    seen.room = Infinity;
    connection.drain();
    await settle();
    assert.equal(seen.text.split("\r\n\r\n")[1], "x".repeat(200_000));
  });

  test("is given up when its client leaves, and its request is told so, also later", async () => {
    let cancelled = false;
    let request: ReceivedRequest | undefined;
    const { connection, say } = connect((one) => {
      request = one;
      return new Response(
        new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void (cancelled = true) }),
      );
    });
    say(get("/"));
    await settle();
    connection.lose();
    await settle();
    assert.equal(cancelled, true);
    assert.equal(request?.signal.aborted, true);
  });
});
