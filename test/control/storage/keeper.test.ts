import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { createBoard, openBoard } from "../../../src/board/board.ts";
import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { createSnapshot } from "../../../src/control/configuration/reloader.ts";
import { createServerRows } from "../../../src/control/servers/server-rows.ts";
import { Keeper } from "../../../src/control/storage/keeper.ts";
import type { Point } from "../../../src/control/storage/series-table.ts";
import { Storage } from "../../../src/control/storage/storage.ts";
import type { Time } from "../../../src/runtime/host.ts";
import { eventually } from "../../kit/eventually.ts";
import type { Teardown } from "../../kit/teardown.ts";

const minute = 60_000;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A file that several lives of a proxy share, with a clock set by hand. */
async function createLives(t: Teardown, servers: readonly string[] = ["a", "b"]) {
  const directory = await mkdtemp(join(tmpdir(), "headgate-storage-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const clock = { now: Math.floor(1_790_000_000_000 / minute) * minute };
  const later: (() => void)[] = [];
  const time: Time = {
    now: () => clock.now,
    monotonicMs: () => clock.now,
    after(_delayMs, run) {
      later.push(run);
      return { stop: () => void later.splice(later.indexOf(run), 1) };
    },
    every: () => ({ stop: () => {} }),
  };
  const value = {
    listeners: { web: { bind: "127.0.0.1:0" } },
    routes: [{ path: "/*", upstream: "app" }],
    upstreams: {
      app: { servers: servers.map((name, index) => ({ name, url: `http://127.0.0.1:${index + 1}` })) },
    },
  };
  const read = await readConfig({ value }, { env: {}, lacks: new Set() });
  assert.ok("config" in read);
  const begin = (mostPages?: number) => {
    const board = openBoard(createBoard({ capacity: 2048, workers: 1 }), "control");
    const path = join(directory, "headgate.db");
    const storage = new Storage({ path, log: quiet, ...(mostPages !== undefined && { mostPages }) });
    const keeper = new Keeper({ storage, board, time });
    const rows = createServerRows(board, keeper.overrides());
    const snapshot = createSnapshot(read, rows, { version: 1, stickySecret: keeper.stickySecret() });
    rows.settle(read.config, clock.now);
    keeper.follow(snapshot);
    keeper.restoreBans();
    t.after(() => keeper.close());
    const row = (name: string) => snapshot.rows["app"]?.[name] ?? -1;
    const answer = (name: string, status: number, ms: number) => {
      board.recordAttempt(row(name), status, clock.now);
      board.recordResponseTime(row(name), ms, clock.now);
      board.addBytes(row(name), 10, 100);
    };
    const runTimers = () => {
      while (later.length > 0) later.shift()?.();
    };
    const tick = (ms: number) => {
      clock.now += ms;
      keeper.tick(clock.now, () => undefined);
      runTimers();
    };
    const points = (server = "a", minutes = 60): readonly Point[] =>
      keeper.history({ upstream: "app", server }, minutes)?.points ?? [];
    return { board, storage, file: path, keeper, row, answer, tick, runTimers, points, snapshot };
  };
  return { clock, begin };
}

describe("history", () => {
  test("has a point a minute, the running one included", async (t) => {
    const { clock, begin } = await createLives(t);
    const { answer, tick, points, keeper } = begin();
    const startedAt = clock.now;
    answer("a", 200, 10);
    answer("a", 500, 30);
    answer("b", 200, 50);
    tick(minute);
    answer("a", 200, 20);
    const [first, running] = points();
    const { p50, p99, ...counted } = first!;
    assert.deepEqual(counted, {
      at: startedAt,
      requests: 2,
      errors: 1,
      bytesIn: 20,
      bytesOut: 200,
      inflight: 0,
      load: null,
      p95: p99,
    });
    assert.ok(Math.abs(p50! - 10) < 0.2 && Math.abs(p99! - 30) < 0.6, `${p50} ${p99}`);
    assert.deepEqual([running!.at, running!.requests], [startedAt + minute, 1]);
    const whole = keeper.history({ upstream: "app", server: "" }, 60)!.points[0]!;
    assert.deepEqual([whole.requests, whole.bytesIn], [3, 30]);
    assert.ok(Math.abs(whole.p50! - 30) < 0.6);
    assert.equal(keeper.history({ upstream: "", server: "" }, 60)!.points[0]!.requests, 3);
    assert.equal(keeper.history({ upstream: "app", server: "nobody" }, 60), undefined);
  });

  test("goes on after a restart within a minute, and keeps seven days", async (t) => {
    const { clock, begin } = await createLives(t);
    const first = begin();
    first.answer("a", 200, 10);
    first.tick(minute);
    first.answer("a", 200, 10);
    first.keeper.close();
    clock.now += 20_000;
    const second = begin();
    second.answer("a", 200, 10);
    assert.deepEqual(
      second.points().map(({ requests }) => requests),
      [1, 2],
    );
    second.tick(minute);
    assert.deepEqual(
      second.points().map(({ requests }) => requests),
      [1, 2, 0],
    );
    second.tick(7 * 24 * 60 * minute - 3 * minute);
    second.answer("a", 200, 10);
    second.tick(minute);
    assert.deepEqual(
      second.points("a", 10_080).map(({ requests }) => requests),
      [2, 1, 0],
    );
  });
});

describe("totals", () => {
  test("lose a minute at most when the proxy is killed, and survive very large numbers", async (t) => {
    const { begin } = await createLives(t);
    const first = begin();
    first.answer("a", 200, 10);
    first.board.addBytes(first.row("a"), 0, 3 * 2 ** 31 + 5);
    first.tick(minute);
    first.answer("a", 200, 10);
    first.storage.close(); // and nothing else is written: as if it were killed
    const second = begin();
    const { requests, bytesOut, statuses, responsesMs } = second.board.totals(second.row("a"));
    assert.deepEqual([requests, bytesOut, statuses["2xx"], responsesMs], [1, 3 * 2 ** 31 + 105, 1, 10]);
    second.keeper.follow(second.snapshot);
    assert.equal(second.board.totals(second.row("a")).requests, 1, "not counted twice");
  });

  test("of a server that leaves the configuration wait for it to come back", async (t) => {
    const { begin } = await createLives(t);
    const { keeper, board, snapshot, answer, row } = begin();
    answer("a", 200, 10);
    const [app] = Object.values(snapshot.config.upstreams);
    const without = {
      ...snapshot,
      config: { ...snapshot.config, upstreams: { app: { ...app!, servers: [] } } },
    };
    keeper.follow(without);
    board.clearRow(row("a")); // long gone, its row was given to nobody else
    keeper.follow(snapshot);
    assert.equal(board.totals(row("a")).requests, 1);
  });
});

test("bans are in force again after a restart", async (t) => {
  const { clock, begin } = await createLives(t);
  const first = begin();
  const key = { version: 4, high: 0, low: 0x0a000007 } as const;
  first.board.ban({ key, untilMs: clock.now + 10 * minute, reason: 7, refusals: 3 }, clock.now);
  first.tick(1_000);
  first.storage.close();
  const second = begin();
  assert.ok(second.board.bannedMs(key, clock.now) > 9 * minute);
  second.board.liftBan(key, clock.now);
  second.keeper.sealBans();
  second.storage.close();
  const third = begin();
  assert.equal(third.board.bannedMs(key, clock.now), 0);
});

test("a full disk is told, costs only what would be stored, and is tried again", async (t) => {
  const { begin } = await createLives(t);
  const { keeper, storage } = begin(16);
  const long = { path: "c", hash: "h", text: "x".repeat(100_000) };
  keeper.keepConfig(long, 0);
  assert.deepEqual([storage.status.state, storage.status.error], ["failing", "the disk is full"]);
  assert.equal(keeper.keepOverride({ upstream: "app", server: "a" }, { weight: 2, setAt: 1 }), true);
  assert.deepEqual([storage.status.state, storage.status.error], ["ok", null]);
});

test("a minute of 1,000 servers is written in slices that no request notices", async (t) => {
  const names = Array.from({ length: 1000 }, (_, index) => `s${index}`);
  const { begin } = await createLives(t, names);
  const { answer, tick, runTimers, keeper } = begin();
  for (const name of names) answer(name, 200, 10);
  const startedMs = performance.now();
  tick(minute);
  const points = () => keeper.history({ upstream: "", server: "" }, 60)!.points;
  await eventually(() => {
    runTimers();
    return points()[0]!.requests === 1000 && points().length === 2;
  });
  assert.ok(performance.now() - startedMs < 2_000);
});

test("what was written is moved into the file without waiting for the disk, and none of it is lost", async (t) => {
  const names = Array.from({ length: 600 }, (_, index) => `s${index}`);
  const { begin } = await createLives(t, names);
  const first = begin();
  for (let step = 0; step < 3; step++) {
    for (const name of names) first.answer(name, 200, 10);
    first.tick(minute);
    await eventually(() => {
      first.runTimers();
      return first.points("s599").length === step + 2 && !first.storage.isUnsettled();
    });
  }
  const { size } = await stat(first.file);
  assert.ok(size > 100_000, `${size} bytes`);
  first.keeper.keepOverride({ upstream: "app", server: "s1" }, { weight: 7, setAt: 1 }); // while the disk may still work
  first.keeper.close();
  const second = begin();
  assert.equal(second.storage.status.state, "ok");
  assert.deepEqual(
    second.points("s599").map(({ requests }) => requests),
    [1, 1, 1, 0],
  );
  assert.equal(second.keeper.overrides().of({ upstream: "app", server: "s1" })?.weight, 7);
});
