import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../../kit/eventually.ts";
import { ended, openPair } from "./open-pair.ts";

const isBun = "Bun" in globalThis;

for (const code of [1000, 1001, 1003, 1008, 1011, 1012, 3000, 4001, 4999]) {
  test(`code ${code} and its reason pass both ways`, async (t) => {
    const closed = { code, reason: `because ${code}` };
    const one = await openPair(t);
    one.client.close(code, closed.reason);
    await eventually(() => one.server.closed() !== undefined);
    assert.deepEqual(one.server.closed(), closed);
    await ended(one.plane);
    const other = await openPair(t);
    other.server.close(code, closed.reason);
    await eventually(() => other.client.closed() !== undefined);
    assert.deepEqual(other.client.closed(), closed);
    await ended(other.plane);
  });
}

test("a goodbye without a code has none at the other end", async (t) => {
  const one = await openPair(t);
  one.client.close();
  await eventually(() => one.server.closed() !== undefined);
  assert.equal(one.server.closed()?.code, 1005);
  const other = await openPair(t);
  other.server.close();
  await eventually(() => other.client.closed() !== undefined);
  assert.equal(other.client.closed()?.code, 1005);
});

for (const how of ["reset", "end"] as const) {
  test(`a client that leaves by ${how} takes the server's end along, without a close frame`, async (t) => {
    const { client, server, plane } = await openPair(t);
    if (how === "reset") client.socket.resetAndDestroy();
    else client.socket.end();
    await eventually(() => server.isGone);
    assert.equal(server.closed(), undefined);
    await ended(plane);
    const [line] = await plane.settled();
    assert.equal(line?.status, 101);
    assert.equal(line?.broken, "socket_broken");
  });

  test(`a server that leaves by ${how} takes the client's end along; Deno can only say 1011`, async (t) => {
    const { client, server, plane } = await openPair(t);
    if (how === "reset") server.socket.resetAndDestroy();
    else server.socket.end();
    await eventually(() => client.isGone || client.closed() !== undefined);
    assert.equal(client.closed()?.code, isBun ? undefined : 1011);
    await ended(plane);
  });
}
