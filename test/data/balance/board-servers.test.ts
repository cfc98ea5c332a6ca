import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoard, openBoard } from "../../../src/board/board.ts";
import { BoardServers } from "../../../src/data/balance/board-servers.ts";
import { policies } from "../../../src/data/balance/policies.ts";
import { Ranking } from "../../../src/data/balance/ranking.ts";
import { seededTools, tally } from "./model-servers.ts";

const start = 1_700_000_000_000;

function createUpstream(maxConnections = 0) {
  const buffer = createBoard({ capacity: 8, workers: 2 });
  const board = openBoard(buffer, 0);
  const clock = { now: start };
  const rows = [3, 5];
  for (const row of rows) board.clearRow(row);
  const servers = new BoardServers(
    board,
    rows.map((row) => ({ row, identity: row, isBackup: false, maxConnections })),
    { buffer, loadExpireMs: 1000, now: () => clock.now },
  );
  const policy = policies["least-connections"](seededTools(1));
  return {
    board,
    buffer,
    clock,
    servers,
    ranking: new Ranking(servers, { policy, slowStartMs: 0, now: () => clock.now }),
  };
}

test("requests that another worker has under way count", () => {
  const { buffer, ranking } = createUpstream();
  openBoard(buffer, 1).begin(3);
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [0, 10],
  );
});

test("a state that the control plane sets counts once the version moved", () => {
  const { board, ranking } = createUpstream();
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [5, 5],
  );
  board.setState(3, "down");
  board.bumpVersion();
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [0, 10],
  );
});

test("a full server has no room", () => {
  const { board, servers, ranking } = createUpstream(1);
  board.begin(3);
  assert.deepEqual([servers.hasRoom(0), servers.hasRoom(1)], [false, true]);
  board.begin(5);
  assert.equal(ranking.first(0, -1), -1);
});

test("a report of load expires", () => {
  const { board, clock, servers } = createUpstream();
  assert.ok(Number.isNaN(servers.load(0)));
  board.reportLoad(3, 0.5, clock.now);
  assert.equal(servers.load(0), 0.5);
  clock.now += 1001;
  assert.ok(Number.isNaN(servers.load(0)));
});

test("a report knows how much was under way when it came", () => {
  const { board, clock, servers } = createUpstream();
  assert.equal(servers.reportedInflight(0), 0);
  board.begin(3);
  board.begin(3);
  board.reportLoad(3, 0.5, clock.now);
  board.end(3);
  assert.equal(servers.reportedInflight(0), 2);
});

test("instants come off the board as instants, and as infinities where there is none", () => {
  const { board, clock, servers } = createUpstream();
  assert.deepEqual(
    [servers.upSinceAt(0), servers.trialAt(0), servers.failedAt(0)],
    [-Infinity, Infinity, -Infinity],
  );
  board.setUpAt(3, start - 500);
  board.offerTrial(3, start + 700);
  board.recordFailure(3, start - 900);
  clock.now += 100;
  assert.deepEqual(
    [servers.upSinceAt(0), servers.trialAt(0), servers.failedAt(0)],
    [start - 500, start + 700, start - 900],
  );
});

test("a trial on offer is taken once, when it is due", () => {
  const { board, clock, ranking } = createUpstream();
  board.setState(5, "ejected");
  board.offerTrial(5, start + 1000);
  board.bumpVersion();
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [10, 0],
  );
  clock.now += 1000;
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [9, 1],
  );
});

test("requests that other nodes have under way count for the choice, and not for maxConnections", () => {
  const { board, ranking, servers } = createUpstream(1);
  board.setInflightElsewhere(3, 5);
  assert.deepEqual(
    tally(2, 10, () => ranking.first(0, -1)),
    [0, 10],
  );
  assert.equal(servers.hasRoom(0), true);
});

test("of a server's reports to this node and to another the younger counts", () => {
  const { board, clock, servers } = createUpstream();
  board.reportLoad(3, 0.25, start);
  board.setInflightElsewhere(3, 2);
  board.setLoadElsewhere(3, { value: 0.75, ageMs: 100 }, start + 500);
  clock.now = start + 500;
  assert.equal(servers.load(0), 0.75);
  assert.equal(servers.reportedInflight(0), 2);
  board.reportLoad(3, 0.5, start + 600);
  clock.now = start + 700;
  assert.equal(servers.load(0), 0.5);
  clock.now = start + 2000;
  assert.ok(Number.isNaN(servers.load(0)));
});
