import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import { createBoard, openBoard } from "../../src/board/board.ts";
import { boardRowsFor } from "../../src/control/board-rows.ts";
import { readConfig } from "../../src/control/read-config.ts";
import { createServerRows } from "../../src/control/server-rows.ts";
import { startProxy } from "../kit/start-proxy.ts";

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
        assert.ok(rows >= count && rows >= 256);
        assert.ok(rows >= Math.min(4 * count, 16_384));
      }),
    );
    assert.deepEqual([0, 64, 65, 5000, 20_000].map(rowsFor), [256, 256, 260, 16_384, 20_000]);
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
  assert.match(await response.text(), /Cannot take in 298 more servers: .*room for 254 more.*restart/);
  assert.equal(await (await fetch(proxy.url)).text(), "before 2");
});
