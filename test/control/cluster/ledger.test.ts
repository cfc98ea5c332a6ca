import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Ledger } from "../../../src/control/cluster/ledger.ts";
import { Store } from "../../../src/control/cluster/store.ts";
import { systemTime } from "../../../src/runtime/time.ts";
import { startRedis, type TestRedis } from "../../kit/start-redis.ts";
import type { Teardown } from "../../kit/teardown.ts";

const limit = { timeout: 60_000 };

/** One node's end: a ledger, a connection, and what was done there. */
function openEnd(t: Teardown, redis: TestRedis, options: { node: string; key?: string; most?: number }) {
  const { node, key = "l", most = 100 } = options;
  const done = new Map<string, string>();
  const store = new Store({
    url: redis.url,
    tls: { ca: "", cert: "", key: "" },
    timeoutMs: 2_000,
    time: systemTime,
  });
  t.after(() => store.close());
  const ledger = new Ledger({
    node,
    key,
    most,
    time: systemTime,
    apply({ name, payload }) {
      if (payload === "nonsense") return false;
      done.set(name, payload);
      return true;
    },
  });
  const say = (name: string, payload: string, leftMs = 0): void => {
    done.set(name, payload);
    ledger.say({ name, payload, leftMs });
  };
  return { ledger, done, say, exchange: () => ledger.exchange(store) };
}

describe("a ledger", () => {
  test("ends the same on all nodes, whoever says what and exchanges when", limit, async (t) => {
    const redis = await startRedis(t);
    const step = fc.record({
      end: fc.integer({ min: 0, max: 2 }),
      act: fc.constantFrom("say", "say", "exchange", "empty", "readAnew"),
      name: fc.constantFrom("x", "y", "z"),
      payload: fc.string({ maxLength: 5 }),
    });
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const key = `l${turn++}`;
        const ends = ["a", "b", "c"].map((node) => openEnd(t, redis, { node, key }));
        for (const { end: index, act, name, payload } of steps) {
          const end = ends[index]!;
          if (act === "say") end.say(name, payload);
          else if (act === "exchange") await end.exchange();
          else if (act === "readAnew") end.ledger.readAnew();
          else await redis.cli("del", key, `${key}:log`);
        }
        for (let round = 0; round < 2; round++) {
          for (const end of ends) {
            end.ledger.readAnew();
            await end.exchange();
          }
        }
        const [first, ...others] = ends.map(({ done }) => Object.fromEntries(done));
        for (const other of others) assert.deepEqual(other, first);
      }),
      { numRuns: 25 },
    );
  });

  test("forgets what has ended, here and in the store", limit, async (t) => {
    const redis = await startRedis(t);
    const [a, b] = [openEnd(t, redis, { node: "a" }), openEnd(t, redis, { node: "b" })];
    a.say("x", "soon over", 300);
    a.say("y", "for good");
    await a.exchange();
    await b.exchange();
    const left = b.ledger.find("x")?.leftMs ?? 0;
    assert.ok(left > 0 && left <= 300, `${left}`);
    await new Promise<void>((resolve) => void systemTime.after(400, resolve));
    assert.equal(b.ledger.find("x"), undefined);
    b.ledger.readAnew();
    await b.exchange();
    assert.equal(await redis.cli("hkeys", "l"), "y");
  });

  test("keeps the newest entries where there are too many", limit, async (t) => {
    const redis = await startRedis(t);
    const end = openEnd(t, redis, { node: "a", most: 10 });
    for (let n = 0; n < 500; n++) {
      end.say(`name ${n}`, "x");
      if (n % 100 === 0) await end.exchange();
    }
    await end.exchange();
    await end.exchange();
    assert.equal(await redis.cli("hlen", "l"), "10");
    assert.equal(end.ledger.marks().length, 10);
    assert.ok(end.ledger.find("name 499"));
  });

  test("hands thousands of entries on, a page at a time", limit, async (t) => {
    const redis = await startRedis(t);
    const [a, b] = ["a", "b"].map((node) => openEnd(t, redis, { node, most: 10_000 }));
    for (let n = 0; n < 3_000; n++) a!.say(`name ${n}`, `${n}`);
    await a!.exchange();
    await b!.exchange();
    assert.equal(b!.done.size, 3_000);
  });

  test("says something newer than what makes no sense, however new that claims to be", limit, async (t) => {
    const redis = await startRedis(t);
    const [a, b] = [openEnd(t, redis, { node: "a" }), openEnd(t, redis, { node: "b" })];
    await redis.cli("hset", "l", "x", "123456789 z 0 nonsense");
    await redis.cli("zadd", "l:log", "1", "x");
    assert.equal(await a.exchange(), 1);
    a.say("x", "sense");
    await a.exchange();
    await b.exchange();
    assert.equal(b.done.get("x"), "sense");
  });
});
