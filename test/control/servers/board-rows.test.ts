import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import { createBoard, openBoard } from "../../../src/board/board.ts";
import { boardRowsFor, roomForFound } from "../../../src/control/servers/board-rows.ts";
import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { createServerRows } from "../../../src/control/servers/server-rows.ts";
import { startProxy } from "../../kit/start-proxy.ts";

function configOf(servers: number, firstPort = 1) {
  const urls = Array.from({ length: servers }, (_, at) => `http://127.0.0.1:${firstPort + at}`);
  return {
    upstreams: { app: { servers: urls } },
    routes: [{ path: "/*", respond: { body: `before ${servers}` } }],
  };
}

async function read(servers: number, firstPort?: number) {
  const reading = await readConfig({ value: configOf(servers, firstPort) }, { env: {}, lacks: new Set() });
  assert.ok("config" in reading);
  return reading.config;
}

describe("A board's rows", () => {
  test("are enough for every server, and for three times as many more while that is not very much", () => {
    const rowsFor = (count: number) =>
      boardRowsFor({ upstreams: { app: { servers: { length: count } } } } as never);
    fc.assert(
      fc.property(fc.nat(40_000), (count) => {
        const rows = rowsFor(count);
        assert.ok(rows >= count && rows >= 64);
        assert.ok(rows >= Math.min(4 * count, 16_384));
      }),
    );
    assert.deepEqual([0, 16, 17, 5000, 20_000].map(rowsFor), [64, 64, 68, 16_384, 20_000]);
  });

  test("are twice as many as the servers that may be found, so that all can be replaced at once", () => {
    const upstream = (servers: number, maxServers?: number) => ({
      servers: { length: servers },
      ...(maxServers !== undefined && { discover: { maxServers } }),
    });
    const config = { upstreams: { a: upstream(10, 100), b: upstream(5, 400), c: upstream(20) } } as never;
    const rows = boardRowsFor(config);
    assert.equal(rows, 35 + 2 * 500);
    assert.equal(roomForFound(config, rows), 500);
    assert.equal(roomForFound(config, 256), 110);
    assert.equal(roomForFound(config, 3), 0);
  });

  test("of servers that were given up are given away in need, the oldest first, where nothing is under way", async () => {
    const memory = createBoard({ capacity: 4, workers: 1 });
    const board = openBoard(memory, "control");
    const rows = createServerRows(board);
    for (const [at, firstPort] of [1, 3].entries()) {
      const config = await read(2, firstPort);
      rows.assign(config);
      rows.settle(config, at);
    }
    openBoard(memory, 0).begin(0); // a request on the first of them
    const next = await read(1, 9);
    assert.deepEqual(Object.values(rows.assign(next)["app"] ?? {}), [1]);
    rows.settle(next, 2);
    const four = await read(4, 20);
    assert.throws(() => rows.assign(four), /Cannot take in 4 more servers: .* room for 2 more/);
  });

  test("that are too few for a configuration are refused before any is given away", async () => {
    const board = openBoard(createBoard({ capacity: 3, workers: 1 }), "control");
    const rows = createServerRows(board);
    rows.assign(await read(2));
    const more = await read(4);
    for (let time = 0; time < 2; time++)
      assert.throws(() => rows.assign(more), /Cannot take in 2 more servers: .* room for 1 more/);
    assert.deepEqual(Object.values(rows.assign(await read(3))["app"] ?? {}), [0, 1, 2]);
  });
});

test("A reload with more servers than a running process has room for says that it needs a restart", async (t) => {
  const proxy = await startProxy(t, configOf(2));
  await proxy.configure(configOf(300));
  const response = await fetch(`${proxy.adminUrl}/api/reload`, { method: "POST" });
  assert.equal(response.status, 422);
  assert.match(await response.text(), /Cannot take in 298 more servers: .*room for 62 more.*restart/);
  assert.equal(await (await fetch(proxy.url)).text(), "before 2");
});
