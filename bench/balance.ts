/**
 * What the first choice costs, and the next best after it failed, per policy, for 10 and 1,000 servers whose numbers live on the board.
 *
 *     bun run bench/balance.ts
 *     deno run -A --no-check bench/balance.ts
 */
import process from "node:process";
import { createBoard, openBoard } from "../src/board/board.ts";
import { BoardServers } from "../src/data/balance/board-servers.ts";
import { hashText } from "../src/data/balance/hash-text.ts";
import { policies, type PolicyName } from "../src/data/balance/policies.ts";
import { Ranking } from "../src/data/balance/ranking.ts";

const budgetMs = 200;
const now = Date.now();

function createServers(count: number): BoardServers {
  const buffer = createBoard({ capacity: count, workers: 1 });
  const board = openBoard(buffer, 0);
  const servers = Array.from({ length: count }, (_, row) => {
    board.clearRow(row);
    board.setWeight(row, 1 + (row % 3));
    for (let inflight = row % 5; inflight >= 0; inflight--) board.begin(row);
    if (row % 10 !== 0) board.recordResponseTime(row, 5 + (row % 90), now);
    if (row % 10 !== 0) board.reportLoad(row, (row % 90) / 100, now);
    return { row, identity: hashText(`server ${row}`), isBackup: false, maxConnections: 0 };
  });
  board.bumpVersion();
  return new BoardServers(board, servers, { buffer, loadExpireMs: 180_000, now: () => now });
}

/** The median of several rounds: the machine is shared. */
function nanosecondsPerChoice(name: PolicyName, count: number, isNext: boolean): number {
  let turn = 0;
  const policy = policies[name]({ random: Math.random, nextTurn: () => turn++ });
  const ranking = new Ranking(createServers(count), { policy, slowStartMs: 0, now: () => now });
  const tried = [1];
  const choose = isNext ? (key: number) => ranking.next(key, tried) : (key: number) => ranking.first(key, -1);
  const rounds = Array.from({ length: 9 }, (_, round) => timeRound(choose, round));
  return rounds.toSorted((a, b) => a - b)[4] ?? 0;
}

function timeRound(choose: (key: number) => number, seed: number): number {
  let choices = 0;
  const startedAt = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < budgetMs / 9) {
    for (let step = 0; step < 500; step++) choose(Math.imul(seed + choices + step, 0x9e3779b1));
    choices += 500;
    elapsedMs = performance.now() - startedAt;
  }
  return (elapsedMs * 1e6) / choices;
}

const columns = [10, 1000].flatMap((size) => [
  { size, isNext: false, title: `first of ${size}` },
  { size, isNext: true, title: `next of ${size}` },
]);
const lines = [`${"ns per choice".padEnd(19)}${columns.map(({ title }) => title.padStart(14)).join("")}`];
for (const name of Object.keys(policies) as PolicyName[]) {
  const cells = columns.map(({ size, isNext }) =>
    nanosecondsPerChoice(name, size, isNext).toFixed(0).padStart(14),
  );
  lines.push(`${name.padEnd(19)}${cells.join("")}`);
}
process.stdout.write(`${lines.join("\n")}\n`);
