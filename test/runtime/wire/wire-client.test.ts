import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, test } from "node:test";
import type { BodySource, ClientRequest, Reply } from "../../../src/runtime/client.ts";
import { WireCall } from "../../../src/runtime/wire/call.ts";
import { Connection } from "../../../src/runtime/wire/connection.ts";
import type { ConnectionUser } from "../../../src/runtime/wire/connection.ts";
import { Pool } from "../../../src/runtime/wire/pool.ts";
import { WireClient } from "../../../src/runtime/wire/wire-client.ts";
import { RequestFault } from "../../../src/runtime/request-fault.ts";
import { eventually } from "../../kit/eventually.ts";
import { freePort } from "../../kit/free-port.ts";
import { answerEach, startTalkServer, takeBody, takeHead } from "../../kit/talk.ts";
import type { Talk } from "../../kit/talk.ts";
import { startTcpServer } from "../../kit/start-server.ts";
import type { TestServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/** Only Bun has these sockets; Deno's client is its `fetch`. */
const onBun = { skip: "Deno" in globalThis ? "Deno asks servers by fetch" : false };

interface Asking {
  readonly client: WireClient;
  readonly server: TestServer;
  readonly request: ClientRequest;
}

async function startAsking(
  t: Teardown,
  script: (talk: Talk) => unknown,
  idleTimeoutMs = 4000,
): Promise<Asking> {
  const server = await startTalkServer(t, script);
  const client = new WireClient({ idleTimeoutMs, tls: undefined });
  t.after(() => client.close());
  return { client, server, request: requestTo(server.url) };
}

function requestTo(origin: string): ClientRequest {
  const headers = new Headers({ host: "a.test" });
  return { origin, method: "GET", target: "/", headers, body: null, connectMs: 5000 };
}

/** A body in these pieces, and how many of them were asked for. */
function bodyOf(pieces: Iterable<string>): BodySource & { readonly reads: () => number } {
  const iterator = pieces[Symbol.iterator]();
  let reads = 0;
  return {
    reads: () => reads,
    read: async () => {
      reads++;
      const { value, done } = iterator.next();
      return done === true ? undefined : Buffer.from(value, "latin1");
    },
  };
}

async function textOf({ body }: Reply): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString("latin1");
  let text = "";
  for (let bytes = await body.read(); bytes; bytes = await body.read())
    text += Buffer.from(bytes).toString("latin1");
  return text;
}

function faults(fault: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof RequestFault, String(error));
    assert.equal(error.fault, fault);
    return true;
  };
}

describe("a connection", onBun, () => {
  test("serves one request after another", async (t) => {
    const { client, server, request } = await startAsking(t, (talk) => answerEach(talk, OK));
    for (let turn = 0; turn < 5; turn++) assert.equal(await textOf(await client.send(request).reply), "ok");
    assert.equal(server.count(), 1);
  });

  test("serves one request at a time", async (t) => {
    const { client, server, request } = await startAsking(t, (talk) => answerEach(talk, OK));
    await Promise.all([1, 2, 3].map(() => client.send(request).reply));
    assert.equal(server.count(), 3);
    await client.send(request).reply;
    assert.equal(server.count(), 3);
  });

  test("that is not to be kept is closed, and the server told so", async (t) => {
    const heads: (string | undefined)[] = [];
    const { client, server, request } = await startAsking(
      t,
      (talk) =>
        answerEach(talk, async (head) => {
          heads.push(head.get("connection"));
          await talk.write(OK);
        }),
      0,
    );
    for (let turn = 0; turn < 2; turn++) await client.send(request).reply;
    assert.equal(server.count(), 2);
    assert.deepEqual(heads, ["close", "close"]);
  });

  const goodbyes: readonly (readonly [what: string, answer: string])[] = [
    ["says that it closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"],
    ["speaks version 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
    ["says more than it was asked", `${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`],
    ["sends a body with 204", "HTTP/1.1 204 No Content\r\n\r\nok"],
  ];
  for (const [what, answer] of goodbyes) {
    test(`is not used again when the server ${what}`, async (t) => {
      const { client, server, request } = await startAsking(t, (talk) => answerEach(talk, answer));
      for (let turn = 0; turn < 3; turn++)
        assert.ok(["ok", ""].includes(await textOf(await client.send(request).reply)));
      assert.equal(server.count(), 3);
    });
  }

  test("is not used again when something comes on it that nobody asked for", async (t) => {
    const talks: Talk[] = [];
    const { client, server, request } = await startAsking(t, async (talk) => {
      talks.push(talk);
      await answerEach(talk, OK);
    });
    await client.send(request).reply;
    await talks[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await talks[0]?.closed;
    assert.equal(await textOf(await client.send(request).reply), "ok");
    assert.equal(server.count(), 2);
  });

  test("is not used again where the answer came before the system had taken the whole request", async (t) => {
    const sockets: Socket[] = [];
    const server = await startTcpServer(t, (socket) => {
      sockets.push(socket.pause()); // It answers without a look at what it was asked.
      socket.write(OK);
    });
    const client = new WireClient({ idleTimeoutMs: 4000, tls: undefined });
    t.after(() => client.close());
    const headers = new Headers({ host: "a.test", pad: "p".repeat(14_000) });
    for (let turn = 0; turn < 2000 && sockets.length < 2; turn++) {
      const { reply } = client.send({ ...requestTo(server.url), headers });
      sockets[0]?.write(OK);
      await reply;
    }
    assert.equal(sockets.length, 2);
  });

  test("is closed when it was idle for long enough", async (t) => {
    const talks: Talk[] = [];
    const script = async (talk: Talk): Promise<void> => {
      talks.push(talk);
      await answerEach(talk, OK);
    };
    const { client, request } = await startAsking(t, script, 100);
    await client.send(request).reply;
    assert.equal(await talks[0]?.closed, "end");
  });

  test("is closed with its client", async (t) => {
    const talks: Talk[] = [];
    const { client, request } = await startAsking(t, async (talk) => {
      talks.push(talk);
      await answerEach(talk, OK);
    });
    await client.send(request).reply;
    client.close();
    await talks[0]?.closed;
  });
});

/** Answers the first request of a connection; of the next it reads the head, and leaves. */
function leavesWhenReused(seen: string[]): (talk: Talk) => Promise<void> {
  return async (talk) => {
    seen.push((await takeHead(talk)).start);
    await talk.write(OK);
    const again = await takeHead(talk);
    seen.push(`${again.start} again`);
    talk.end();
  };
}

describe("a connection that the server closes when it is used again", onBun, () => {
  test("costs nothing where the request may be sent twice", async (t) => {
    const seen: string[] = [];
    const { client, request } = await startAsking(t, leavesWhenReused(seen));
    for (let turn = 0; turn < 2; turn++) assert.equal(await textOf(await client.send(request).reply), "ok");
    assert.deepEqual(seen, ["GET / HTTP/1.1", "GET / HTTP/1.1 again", "GET / HTTP/1.1"]);
  });

  test("fails a request that must not be sent twice", async (t) => {
    const seen: string[] = [];
    const { client, request } = await startAsking(t, leavesWhenReused(seen));
    await client.send(request).reply;
    await assert.rejects(client.send({ ...request, method: "POST" }).reply, faults("reset"));
    assert.deepEqual(seen, ["GET / HTTP/1.1", "POST / HTTP/1.1 again"]);
  });

  test("fails a request whose body is under way", async (t) => {
    const seen: string[] = [];
    const { client, request } = await startAsking(t, leavesWhenReused(seen));
    await client.send(request).reply;
    const put = { ...request, method: "PUT", body: bodyOf(["a"]) };
    await assert.rejects(client.send(put).reply, faults("reset"));
    assert.equal(seen.length, 2);
  });

  test("is not tried a third time", async (t) => {
    let count = 0;
    const { client, request } = await startAsking(t, async (talk) => {
      await takeHead(talk);
      if (++count > 1) return talk.reset();
      await talk.write(OK);
      await takeHead(talk);
      talk.reset();
    });
    await client.send(request).reply;
    await assert.rejects(client.send(request).reply, faults("reset"));
    assert.equal(count, 2);
  });

  test("is not tried for ever where it takes nothing from the beginning", async () => {
    let opened = 0;
    const home = { leave: () => {} };
    const pool = new (class extends Pool {
      override open(user: ConnectionUser): Connection {
        if (++opened < 5) queueMicrotask(() => user.opened());
        return new Connection(home, user); // never connected: nothing can be written
      }
    })({ hostname: "127.0.0.1", port: 1, tls: undefined }, { isKept: true, rested: () => {} });
    const call = new WireCall(requestTo("http://127.0.0.1:1"), pool);
    await assert.rejects(call.reply, faults("refused"));
    assert.equal(opened, 1);
  });

  test("is no reason to ask again once the answer has begun", async (t) => {
    let count = 0;
    const { client, request } = await startAsking(t, async (talk) => {
      count++;
      await takeHead(talk);
      await talk.write(OK);
      await takeHead(talk);
      await talk.write("HTTP/1.1 200");
      talk.end();
    });
    await client.send(request).reply;
    await assert.rejects(client.send(request).reply, faults("reset"));
    assert.equal(count, 1);
  });
});

describe("what goes wrong has a name:", onBun, () => {
  test("nobody listens", async () => {
    const client = new WireClient({ idleTimeoutMs: 0, tls: undefined });
    const request = requestTo(`http://127.0.0.1:${await freePort()}`);
    await assert.rejects(client.send(request).reply, faults("refused"));
  });

  test("the name is unknown", async () => {
    const client = new WireClient({ idleTimeoutMs: 0, tls: undefined });
    await assert.rejects(client.send(requestTo("http://no-such-name.invalid")).reply, faults("dns"));
  });

  test("the server accepts, and never shakes hands", async (t) => {
    const server = await startTalkServer(t, (talk) => talk.closed);
    const client = new WireClient({ idleTimeoutMs: 0, tls: undefined });
    const request = { ...requestTo(server.url.replace("http:", "https:")), connectMs: 100 };
    await assert.rejects(client.send(request).reply, faults("connect-timeout"));
  });

  for (const [what, tls] of [
    ["the authority that we trust is no certificate", { verify: true, ca: "nonsense" }],
    ["our own certificate is none", { verify: true, cert: "nonsense", key: "nonsense" }],
  ] as const) {
    test(what, async (t) => {
      const server = await startTalkServer(t, (talk) => talk.closed);
      const request = requestTo(server.url.replace("http:", "https:"));
      const client = new WireClient({ idleTimeoutMs: 0, tls });
      await assert.rejects(client.send(request).reply, faults("tls"));
    });
  }

  const answers: readonly (readonly [what: string, answer: string, fault: string])[] = [
    ["the answer is no HTTP", "SSH-2.0-OpenSSH_9.6\r\n", "protocol"],
    [
      "the answer has two lengths",
      "HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "protocol",
    ],
    ["the answer is coded strangely", "HTTP/1.1 200 X\r\nTransfer-Encoding: gzip\r\n\r\n", "coding"],
    ["the head has no end", `HTTP/1.1 200 X\r\nA: ${"x".repeat(70_000)}`, "long-head"],
    ["the answer switches protocols unasked", "HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", "protocol"],
  ];
  for (const [what, answer, fault] of answers) {
    test(what, async (t) => {
      const { client, request } = await startAsking(t, (talk) => answerEach(talk, answer));
      await assert.rejects(client.send(request).reply, faults(fault));
    });
  }

  const breaks: readonly (readonly [what: string, answer: string])[] = [
    ["a known length", "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf"],
    ["chunks", "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
    [
      "chunks, before the last line",
      "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ],
  ];
  for (const [what, answer] of breaks) {
    test(`a body of ${what} breaks off`, async (t) => {
      const { client, request } = await startAsking(t, async (talk) => {
        await takeHead(talk);
        await talk.write(answer);
        talk.end();
      });
      await assert.rejects(textOf(await client.send(request).reply), faults("reset"));
    });
  }

  test("a body that ends with its connection is reset", async (t) => {
    const { client, request } = await startAsking(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 X\r\n\r\nhalf");
      await eventually(() => hasBody);
      talk.reset();
    });
    let hasBody = false;
    const { body } = await client.send(request).reply;
    assert.ok(!(body instanceof Uint8Array));
    assert.equal(String(await body.read()), "half");
    hasBody = true;
    await assert.rejects(body.read(), faults("reset"));
  });

  test("it was given up, before the answer and in it", async (t) => {
    const talks: Talk[] = [];
    const { client, request } = await startAsking(t, async (talk) => {
      talks.push(talk);
      await takeHead(talk);
      if (talks.length > 1) await talk.write("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf");
      await talk.closed;
    });
    const early = client.send(request);
    await eventually(() => talks.length === 1);
    early.cut();
    await assert.rejects(early.reply, faults("aborted"));
    await talks[0]?.closed;
    const late = client.send(request);
    const answer = await late.reply;
    late.cut();
    await assert.rejects(textOf(answer), faults("aborted"));
    await talks[1]?.closed;
  });
});

describe("a name of two addresses", onBun, () => {
  for (const address of ["127.0.0.1", "::1"]) {
    test(`reaches a server that listens on ${address} only`, async (t) => {
      const server = createServer((socket) => socket.end(OK));
      t.after(() => void server.close());
      await new Promise<void>((resolve) => void server.listen(0, address, resolve));
      const client = new WireClient({ idleTimeoutMs: 0, tls: undefined });
      const { port } = server.address() as AddressInfo;
      assert.equal(await textOf(await client.send(requestTo(`http://localhost:${port}`)).reply), "ok");
    });
  }
});

describe("a request", onBun, () => {
  test("goes out as it is, bytes beyond ASCII and a doubled slash included", async (t) => {
    const sent: string[] = [];
    const { client, request } = await startAsking(t, (talk) =>
      answerEach(talk, async ({ start, fields }) => {
        sent.push(start, ...fields.map((field) => field.join(": ")));
        await talk.write(OK);
      }),
    );
    const headers = new Headers({ host: "a.test", "x-a": "caf\u00e9" });
    await client.send({ ...request, method: "PURGE", target: "//a/./b?c", headers }).reply;
    assert.deepEqual(sent, ["PURGE //a/./b?c HTTP/1.1", "host: a.test", "x-a: caf\u00e9"]);
  });

  test("that cannot be written is refused before anything is sent", async (t) => {
    const { client, server, request } = await startAsking(t, (talk) => answerEach(talk, OK));
    assert.throws(() => client.send({ ...request, target: "/ HTTP/1.1\r\nx: y" }), /target/);
    assert.equal(server.count(), 0);
  });

  for (const [what, length] of [
    ["a known length", "10"],
    ["an unknown length", undefined],
  ] as const) {
    test(`of ${what} arrives whole, and its connection serves the next`, async (t) => {
      const bodies: string[] = [];
      const { client, server, request } = await startAsking(t, (talk) =>
        answerEach(talk, async (head) => {
          bodies.push(`${head.get("content-length")} ${await takeBody(talk, head)}`);
          await talk.write(OK);
        }),
      );
      const headers = new Headers({
        host: "a.test",
        ...(length !== undefined && { "content-length": length }),
      });
      for (let turn = 0; turn < 2; turn++)
        await client.send({ ...request, method: "PUT", headers, body: bodyOf(["hello", "world"]) }).reply;
      assert.deepEqual(bodies, [`${length} helloworld`, `${length} helloworld`]);
      assert.equal(server.count(), 1);
    });
  }

  for (const [what, pieces] of [
    ["shorter", ["hello"]],
    ["longer", ["hello", "world!"]],
  ] as const) {
    test(`whose body is ${what} than it says fails, and never looks whole`, async (t) => {
      let got = "";
      const { client, request } = await startAsking(t, async (talk) => {
        await takeHead(talk);
        await talk.closed;
        got = talk.text();
      });
      const headers = new Headers({ host: "a.test", "content-length": "10" });
      const call = client.send({ ...request, method: "PUT", headers, body: bodyOf(pieces) });
      await assert.rejects(call.reply, faults("aborted"));
      await eventually(() => got !== "");
      assert.equal(got, "hello");
    });
  }

  test("whose body breaks off fails with what its source says", async (t) => {
    const { client, request } = await startAsking(t, (talk) => talk.closed);
    const broken = { read: () => Promise.reject(new Error("the client left")) };
    await assert.rejects(client.send({ ...request, method: "PUT", body: broken }).reply, /the client left/);
  });

  test("is read no faster than the server takes it", async (t) => {
    let resume = (): void => {};
    const { client, request } = await startAsking(t, async (talk) => {
      talk.socket.pause();
      await new Promise<void>((resolve) => (resume = resolve));
      talk.socket.resume();
      await takeBody(talk, await takeHead(talk));
      await talk.write(OK);
    });
    const piece = "x".repeat(100_000);
    const body = bodyOf(Array.from({ length: 500 }, () => piece));
    const { reply } = client.send({ ...request, method: "POST", body });
    let before = -1;
    await eventually(() => {
      const stalled = body.reads() === before && body.reads() > 0;
      before = body.reads();
      return stalled;
    });
    assert.ok(body.reads() < 250, `${body.reads()} pieces were read`);
    resume();
    assert.equal(await textOf(await reply), "ok");
    assert.equal(body.reads(), 501);
  });

  test("that is answered before all of it was sent gets its answer, and the connection is closed", async (t) => {
    const endings: unknown[] = [];
    const { client, server, request } = await startAsking(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 401 X\r\nContent-Length: 2\r\n\r\nno");
      endings.push(await talk.closed);
    });
    const waiting = { read: () => new Promise<undefined>(() => {}) };
    const answer = await client.send({ ...request, method: "POST", body: waiting }).reply;
    assert.deepEqual([answer.status, await textOf(answer)], [401, "no"]);
    await eventually(() => endings.length === 1);
    assert.equal(server.count(), 1);
  });
});

describe("an answer", onBun, () => {
  test("that has come whole needs no stream", async (t) => {
    const { client, request } = await startAsking(t, (talk) => answerEach(talk, OK));
    const { status, fields, body } = await client.send(request).reply;
    assert.equal(status, 200);
    assert.deepEqual(fields, ["content-type", "text/plain", "content-length", "2"]);
    assert.ok(body instanceof Uint8Array);
  });

  test("is read no faster than somebody takes it", async (t) => {
    let written = 0;
    const { client, request } = await startAsking(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
      for (; written < 1000; written++) await talk.write(Buffer.alloc(100_000));
    });
    const { body } = await client.send(request).reply;
    assert.ok(!(body instanceof Uint8Array));
    let before = -1;
    await eventually(() => {
      const stalled = written === before && written > 0;
      before = written;
      return stalled;
    });
    assert.ok(written < 300, `${written} pieces were sent`);
    let bytes = 0;
    for (let piece = await body.read(); piece; piece = await body.read()) bytes += piece.byteLength;
    assert.equal(bytes, 100_000_000);
  });

  test("passes its first byte before the last was sent", async (t) => {
    let goOn = (): void => {};
    const { client, request } = await startAsking(t, async (talk) => {
      await takeHead(talk);
      await talk.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
      await new Promise<void>((resolve) => (goOn = resolve));
      await talk.write("4\r\nlast\r\n0\r\n\r\n");
    });
    const { body } = await client.send(request).reply;
    assert.ok(!(body instanceof Uint8Array));
    assert.equal(String(await body.read()), "first");
    goOn();
    assert.equal(String(await body.read()), "last");
    assert.equal(await body.read(), undefined);
  });
});
