import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, test } from "node:test";

import { eventually, pause } from "../kit/eventually.ts";
import { buildBinary } from "./build-binary.ts";
import { type Pair, startPair } from "./pair.ts";
import type { Visit } from "./visits.ts";

const limit = { timeout: 60_000 };

/** What we promise, with the settings of deploy/keepalived. */
const gapLimitMs = 3_000;

const visitors = 16;

const attacker = "192.0.2.99";

/** A measurement, for who reads the log of the tests. */
function say(text: string): void {
  process.stdout.write(`    ${text}\n`);
}

/** Rejects with what is known by then where something takes longer than it ever may. */
async function inTime<T>(what: string, happening: Promise<T>, known: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const tell = () => late.reject(new Error(`Cannot go on: ${what} takes too long; ${known()}`));
  const timer = setTimeout(tell, 25_000);
  try {
    return await Promise.race([happening, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The longest time in which nobody was answered. */
function longestGapMs(visits: readonly Visit[]): number {
  const answeredAt = visits.filter(({ failure }) => failure === undefined).map(({ endedAt }) => endedAt);
  answeredAt.sort((a, b) => a - b);
  return Math.max(...answeredAt.map((at, index) => at - (answeredAt[index - 1] ?? at)));
}

function failuresOf(visits: readonly Visit[]): readonly Visit[] {
  return visits.filter(({ failure }) => failure !== undefined);
}

/** Every visitor was answered by both nodes, and always by the same server. */
function assertSticky(visits: readonly Visit[]): void {
  for (const [visitor, own = []] of Object.entries(Object.groupBy(visits, (visit) => visit.visitor))) {
    const answered = own.filter(({ failure }) => failure === undefined);
    const nodes = new Set(answered.map(({ node }) => node));
    const servers = new Set(answered.map(({ server }) => server));
    assert.deepEqual([nodes.size, servers.size], [2, 1], `visitor ${visitor}`);
  }
}

/** Failures are over within the gap that follows, and everybody is answered again. */
function assertShortGap(visits: readonly Visit[], sinceMs: number): void {
  const gapMs = longestGapMs(visits);
  say(`nobody was answered for ${gapMs} ms`);
  assert.ok(gapMs < gapLimitMs, `nobody was answered for ${gapMs} ms`);
  const late = failuresOf(visits).filter(
    ({ startedAt }) => startedAt < sinceMs - 100 || startedAt > sinceMs + gapLimitMs,
  );
  assert.deepEqual(late, []);
  assertSticky(visits);
}

describe("a pair of nodes, with what lies in deploy", () => {
  const ends: (() => unknown)[] = [];
  let pair: Pair;

  before(async () => {
    const t = { after: (run: () => unknown) => void ends.unshift(run) };
    pair = await startPair(t, await buildBinary(t));
  }, limit);

  after(async () => {
    for (const end of ends) await end();
  });

  test("starts without a complaint of keepalived", limit, async () => {
    await pair.roles();
    const said = pair.nodes.map(({ keepalived }) => keepalived.output()).join("");
    const complaints = said.split("\n").filter((line) => /fail|error|unknown|security|warning/i.test(line));
    assert.deepEqual(complaints, []);
  });

  test("bans a client on both nodes that went too far on one", limit, async () => {
    await eventually(async () => (await pair.statusFor(attacker, "/login")) === 403, 10_000);
    assert.equal(await pair.statusFor("192.0.2.1", "/login"), 200);
  });

  test("loses its address for less than 3 s when Headgate is killed", limit, async () => {
    const { active, idle } = await pair.roles();
    const stopVisits = pair.visit(visitors);
    await pause(1_000);
    const killedAt = Date.now();
    await active.headgate().signal("SIGKILL");
    await eventually(() => idle.isMaster(), 10_000);
    await pause(1_500);
    assertShortGap(await stopVisits(), killedAt);
    assert.equal(await pair.statusFor(attacker, "/"), 403, "banned by the node that was killed");
    await active.startHeadgate();
  });

  test("loses no request when both nodes are restarted in turn", limit, async () => {
    const { active, idle } = await pair.roles();
    const stopVisits = pair.visit(visitors);
    await pause(500);
    for (const node of [active, idle]) {
      const download = pair.download(); // lasts until long after the address has moved
      await pause(500);
      const { signal, exited, output } = node.headgate();
      await signal("SIGTERM");
      assert.equal(await inTime("the download", download, output), 40 * 16_384);
      assert.equal(await inTime("the end of Headgate", exited, output), 0, output());
      await node.startHeadgate();
      await pair.roles();
    }
    await pause(500);
    const visits = await inTime("the end of the visits", stopVisits(), () => "");
    assert.deepEqual(failuresOf(visits), []);
    assertSticky(visits);
    say(`${visits.length} requests; nobody was answered for ${longestGapMs(visits)} ms`);
    assert.equal((await pair.roles()).active, active, "moved there and back");
  });

  test("loses its address for less than 3 s when a node's power is cut", limit, async () => {
    const { active, idle } = await pair.roles();
    const stopVisits = pair.visit(visitors);
    await pause(1_000);
    const cutAt = Date.now();
    await active.host.cutPower();
    await eventually(() => idle.isMaster(), 10_000);
    await pause(3_000);
    assertShortGap(await stopVisits(), cutAt);
  });
});
