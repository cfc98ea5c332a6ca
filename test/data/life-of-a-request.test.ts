import assert from "node:assert/strict";
import { test } from "node:test";

import { proxyTo } from "../kit/proxy-to.ts";
import { startPlaneFor } from "../kit/start-plane.ts";
import { startServer } from "../kit/start-server.ts";

test("A request that cannot even be received gets a 500 that says nothing, and the log says why", async (t) => {
  const server = await startServer(t);
  let isBroken = true;
  const peerAddress = (): string => {
    if (isBroken) throw new Error("no such socket");
    return "127.0.0.1";
  };
  const plane = await startPlaneFor(t, proxyTo([server.url]), { host: { peerAddress } });
  const answer = await fetch(plane.url);
  assert.equal(answer.status, 500);
  assert.equal(await answer.text(), "");
  assert.equal(plane.faults.length, 1);
  assert.match(plane.faults[0] ?? "", /^fault while receiving a request: .*no such socket/);
  assert.equal(plane.board.exchanges(), 0);
  isBroken = false;
  assert.equal((await fetch(plane.url)).status, 200);
});
