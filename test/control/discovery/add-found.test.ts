import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { addFound } from "../../../src/control/discovery/add-found.ts";

function server(name: string, url = `http://${name}`) {
  return { name, url, weight: 1, backup: false, maxConnections: 0 };
}

interface Room {
  readonly room?: number;
  readonly known?: readonly string[];
}

function join(listed: string[], found: string[], { room = Infinity, known = [] }: Room = {}) {
  const { servers, leftOut } = addFound({
    listed: listed.map((name) => server(name)),
    found: found.map((name) => server(name)),
    isIn: ({ name }) => known.includes(name),
    room,
  });
  return { names: servers.map(({ name }) => name), leftOut };
}

describe("found servers", () => {
  test("come behind those that are listed, each once", () => {
    assert.deepEqual(join(["a"], ["b", "a", "c", "b"]), { names: ["a", "b", "c"], leftOut: 0 });
  });

  test("do not take the place of a listed one under another name", () => {
    const { servers } = addFound({
      listed: [server("big", "http://10.0.0.1:80")],
      found: [server("10.0.0.1:80", "http://10.0.0.1:80")],
      isIn: () => false,
      room: 9,
    });
    assert.deepEqual(
      servers.map(({ name }) => name),
      ["big"],
    );
  });

  test("that are in already stay in where there is no room for all", () => {
    assert.deepEqual(join(["a"], ["b", "c", "d", "e"], { room: 2, known: ["e"] }), {
      names: ["a", "b", "e"],
      leftOut: 2,
    });
    assert.deepEqual(join(["a"], ["b"], { room: 0 }), { names: ["a"], leftOut: 1 });
  });
});
