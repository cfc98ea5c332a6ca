import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import { host } from "../../src/runtime/current.ts";
import type { HostListener } from "../../src/runtime/listener.ts";
import { canSteer, steerConnections, type SocketCalls } from "../../src/runtime/steer-connections.ts";
import type { Teardown } from "../kit/teardown.ts";

const onLinux = { skip: !canSteer() && "only Linux can steer" };

function open(t: Teardown, name: string, port: number): HostListener {
  const listener = host.listen({
    hostname: "127.0.0.1",
    port,
    isShared: true,
    http2: false,
    idleTimeoutMs: 10_000,
    handle: () => new Response(name, { headers: { connection: "close" } }),
  });
  t.after(() => listener.abort());
  return listener;
}

/** Who answers a number of new connections. */
async function whoAnswers(port: number): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let round = 0; round < 40; round += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    names.add(await response.text());
  }
  return names;
}

describe("connections to a shared port", onLinux, () => {
  test("go to the younger listener alone while they are steered, and to both before and after", async (t) => {
    const { port } = open(t, "older", 0);
    open(t, "younger", port);
    assert.deepEqual(await whoAnswers(port), new Set(["older", "younger"]));
    for (const toward of ["younger", "one-younger"] as const) {
      assert.equal(host.steerConnections(port, toward), true);
      assert.deepEqual(await whoAnswers(port), new Set(["younger"]), toward);
    }
    assert.equal(host.steerConnections(port, "all"), true);
    assert.deepEqual(await whoAnswers(port), new Set(["older", "younger"]));
  });

  test("cannot be steered where nobody listens", () => {
    assert.equal(host.steerConnections(1, "younger"), false);
  });
});

test("while the older listeners leave in any order, new connections never go to one that is leaving", () => {
  const orders = fc
    .integer({ min: 1, max: 6 })
    .chain((workers) => fc.shuffledSubarray([...Array(workers).keys()], { minLength: workers }));
  fc.assert(
    fc.property(orders, (order) => {
      const older = order.length;
      const sockets = Array.from({ length: older * 2 }, (_, index) => index); // the first half is older
      const place = placeThatIsTaken(older * 2);
      for (const leaving of order) {
        const last = sockets.pop() ?? -1; // it takes the place of the one that leaves
        const hole = sockets.indexOf(leaving);
        if (hole >= 0) sockets[hole] = last;
        const taker = sockets[place];
        if (taker !== undefined) assert.ok(taker >= older, `${taker} of ${sockets.join(" ")}`);
        else
          assert.ok(
            sockets.every((socket) => socket >= older),
            "the system chooses among all",
          );
      }
    }),
  );
});

/** The place that the program for `one-younger` returns, where so many sockets listen. */
function placeThatIsTaken(count: number): number {
  let place = -1;
  const calls: SocketCalls = {
    descriptors: () => [...Array(count).keys()],
    getName(_socket, into) {
      into.set([0, 0, 1, 187]); // port 443
      return 0;
    },
    getOption(_socket, _option, into) {
      into.set([1]);
      return 0;
    },
    setOption: (_socket, _option, value) => {
      place = new DataView(value.buffer).getUint32(20, true);
      return 0;
    },
    addressOf: () => 0n,
  };
  steerConnections(calls, 443, "one-younger");
  return place;
}
