import assert from "node:assert/strict";
import { eventually } from "../../kit/eventually.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { startPlaneFor } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import { openTalk, takeHead } from "../../kit/talk.ts";
import type { Teardown } from "../../kit/teardown.ts";

const head = "POST / HTTP/1.1\r\nHost: site.test\r\nContent-Type: text/plain\r\n";
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;

/** A plane whose one route filters requests, before a server that answers with what it got. */
async function start(t: Teardown, request: readonly object[], more: More = {}) {
  const server = await startServer(t, (incoming, response) => {
    let text = "";
    incoming.on("error", () => {});
    incoming.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    incoming.on("end", () => {
      response.setHeader("content-type", "text/plain");
      response.end(text);
    });
  });
  const plane = await startPlaneFor(t, {
    upstreams: { app: { servers: [server.url] } },
    routes: [{ path: "/*", upstream: "app", filters: { request }, timeouts: more.timeouts ?? {} }],
    limits: more.limits ?? {},
  });
  return { ...plane, server };
}

interface More {
  readonly timeouts?: object;
  readonly limits?: object;
}

async function moduleOf(t: Teardown, request: string): Promise<object> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-filter-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "own.ts");
  await writeFile(file, `export default { ${request} };`);
  return { module: file };
}

const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Filters that look into bodies, each in its way: before a server is chosen, on the way to it, and as they like. */
const filters: readonly (readonly [what: string, make: (t: Teardown) => object | Promise<object>])[] = [
  ["block", () => ({ block: { in: "body", find: "evil" } })],
  ["replaceBody", () => ({ replaceBody: { find: "aaaaa", with: "" } })],
  ["a longer replaceBody", () => ({ replaceBody: { find: "/a/g", with: "bbbbbbbbbbbbbb" } })],
  [
    "a module that waits for it",
    (t) => moduleOf(t, "async request(r) { return new Request(r, { body: await r.text() }); }"),
  ],
];

for (const [what, make] of filters) {
  describe(`the body of a client, behind ${what}`, () => {
    test("is measured as the client sent it", async (t) => {
      const { port, settled } = await start(t, [await make(t)], { limits: { body: "10B" } });
      const exact = await openTalk(t, port);
      await exact.write(`${chunked}${chunkOf("aaaaaaaaaa")}0\r\n\r\n`);
      assert.match((await takeHead(exact)).start, / 200 /);
      const longer = await openTalk(t, port);
      await longer.write(`${chunked}${chunkOf("aaaaaaaaaaa")}0\r\n\r\n`);
      assert.match((await takeHead(longer)).start, / 413 /);
      const lines = await settled(2);
      assert.deepEqual(
        lines.map(({ status }) => status),
        [200, 413],
      );
    });
  });
}

for (const [what, make] of [filters[0], filters.at(-1)].filter((entry) => entry !== undefined)) {
  test(`a body that stops while ${what} reads it gets 408, and no server hears of it`, async (t) => {
    const { port, settled, server } = await start(t, [await make(t)], { timeouts: { idle: "200ms" } });
    const talk = await openTalk(t, port);
    await talk.write(`${chunked}${chunkOf("aaa")}`);
    assert.match((await takeHead(talk)).start, / 408 /);
    assert.equal((await settled())[0]?.status, 408);
    assert.equal(server.count(), 0);
  });
}

test("a body that stops amid a filter on its way to a server gets 408, and no server the blame", async (t) => {
  const { port, settled, counts } = await start(t, [{ replaceBody: { find: "b", with: "c" } }], {
    timeouts: { idle: "300ms" },
  });
  const talk = await openTalk(t, port);
  await talk.write(`${chunked}${chunkOf("aaa")}`);
  assert.match((await takeHead(talk)).start, / 408 /);
  const [line] = await settled();
  assert.equal(line?.attempts?.[0]?.outcome, "slow_body");
  assert.equal(counts().errors, 0);
});

test("a client that keeps up the pace is not cut for what an expression holds back", async (t) => {
  const { port } = await start(t, [{ replaceBody: { find: "/never/g", with: "c" } }], {
    timeouts: { idle: "400ms" },
  });
  const talk = await openTalk(t, port);
  await talk.write(chunked);
  // The pauses are what is tested: each within the patience, all of them together beyond it.
  for (let piece = 0; piece < 8; piece++) {
    await talk.write(chunkOf("a".repeat(100)));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await talk.write("0\r\n\r\n");
  assert.match((await takeHead(talk)).start, / 200 /);
});

describe("a body that cannot be passed on", () => {
  test("since it is not what its coding says gets 400, and no server the blame", async (t) => {
    const { port, settled, counts, faults } = await start(t, [{ replaceBody: { find: "a", with: "b" } }]);
    const cut = gzipSync("a".repeat(1000)).subarray(0, 20);
    const talk = await openTalk(t, port);
    await talk.write(`${head}Content-Encoding: gzip\r\nContent-Length: ${cut.byteLength}\r\n\r\n`);
    await talk.write(cut);
    assert.match((await takeHead(talk)).start, / 400 /);
    const [line] = await settled();
    assert.equal(line?.attempts?.[0]?.outcome, "unreadable_body");
    assert.equal(counts().errors, 0);
    assert.deepEqual(faults, []);
  });

  test("since a filter of the user's own breaks it off gets 502, and the log the filter's name", async (t) => {
    const own = await moduleOf(
      t,
      `request: (r) => new Request(r, { body: r.body.pipeThrough(new TransformStream({ transform() { throw new Error("my fault"); } })), duplex: "half" })`,
    );
    const { url, faults, counts } = await start(t, [own]);
    const answer = await fetch(url, { method: "POST", body: "hello" });
    assert.equal(answer.status, 502);
    assert.doesNotMatch(await answer.text(), /my fault|own\.ts/);
    assert.match(faults.join("\n"), /own\.ts.*my fault/);
    assert.equal(counts().errors, 0);
  });

  test("since a filter of the user's own has read it gets 502, and the log the filter's name", async (t) => {
    const own = await moduleOf(t, "async request(r) { await r.text(); }");
    const { url, faults, server } = await start(t, [own]);
    const answer = await fetch(url, { method: "POST", body: "hello" });
    await answer.text();
    assert.equal(answer.status, 502);
    assert.match(faults.join("\n"), /own\.ts.*it read the body/);
    assert.equal(server.count(), 0);
  });

  test("since its client leaves is nobody's fault", async (t) => {
    const { port, board, settled, server, faults } = await start(t, [
      { block: { in: "body", find: "evil" } },
    ]);
    const talk = await openTalk(t, port);
    await talk.write(`${chunked}${chunkOf("aaa")}`);
    await eventually(() => board.exchanges() === 1);
    talk.reset();
    const [line] = await settled();
    assert.equal(line?.status, 499);
    assert.equal(server.count(), 0);
    assert.deepEqual(faults, []);
  });
});
