import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Comebacks } from "../../../src/control/discovery/comebacks.ts";

function server(name: string) {
  return { name, url: `http://${name}`, weight: 1, backup: false, maxConnections: 0 };
}

function start(): { look: (afterMs: number, ...names: string[]) => string[] } {
  let nowMs = 0;
  const comebacks = new Comebacks({ monotonicMs: () => nowMs });
  return {
    look(afterMs, ...names) {
      nowMs += afterMs;
      return comebacks
        .hold(names.map(server))
        .map(({ name }) => name)
        .toSorted();
    },
  };
}

describe("a server that answers no longer name", () => {
  test("leaves at once when it leaves for the first time", () => {
    const { look } = start();
    assert.deepEqual(look(0, "a", "b"), ["a", "b"]);
    assert.deepEqual(look(1_000, "a"), ["a"]);
    assert.deepEqual(look(1_000, "a"), ["a"]);
  });

  test("is held once it has come back, until nobody has named it for a minute", () => {
    const { look } = start();
    look(0, "a", "b");
    look(10_000, "a");
    assert.deepEqual(look(10_000, "a", "b"), ["a", "b"]);
    assert.deepEqual(look(10_000, "a"), ["a", "b"]);
    assert.deepEqual(look(50_000, "a"), ["a", "b"]);
    assert.deepEqual(look(1, "a"), ["a"]);
  });

  test("that comes back after more than a minute is a new one", () => {
    const { look } = start();
    look(0, "a", "b");
    look(60_001, "a");
    look(10, "a", "b");
    assert.deepEqual(look(10, "a"), ["a"]);
  });

  test("stays in a set that a name server gives a changing choice of", () => {
    const { look } = start();
    const all = ["a", "b", "c", "d", "e", "f"];
    const choice = (turn: number) => all.filter((_, index) => (index + turn) % 3 !== 0);
    for (let turn = 0; turn < 6; turn++) look(5_000, ...choice(turn));
    for (let turn = 6; turn < 30; turn++) assert.deepEqual(look(5_000, ...choice(turn)), all);
  });

  test("is forgotten where thousands of names pass by: memory has a bound", () => {
    const { look } = start();
    for (let turn = 0; turn < 20; turn++) {
      const names = Array.from({ length: 1_000 }, (_, index) => `s${turn}-${index}`);
      assert.equal(look(10, ...names).length, 1_000);
    }
  });
});
