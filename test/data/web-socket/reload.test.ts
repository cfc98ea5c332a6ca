import assert from "node:assert/strict";
import { test } from "node:test";

import { readConfig } from "../../../src/control/configuration/read-config.ts";
import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { ended, openPair } from "./open-pair.ts";
import { askSocket, echo } from "./socket-peer.ts";

test("a reload leaves open WebSockets as they are, and new ones follow the new configuration", async (t) => {
  const { client, upstream, plane } = await openPair(t, { onOpen: echo });
  const config = {
    listeners: { web: { bind: "127.0.0.1:0" } },
    ...proxyTo([upstream.url]),
    routes: [{ path: "/new/*", upstream: "app" }],
    accessLog: { format: "off" },
    admin: { bind: false },
    storage: false,
  };
  const source = { file: "config.yaml", text: JSON.stringify(config) };
  const read = await readConfig(source, { env: {}, lacks: new Set() });
  assert.ok(!("problems" in read));
  const row = [...Array(plane.board.capacity).keys()].find((place) => plane.board.inflight(place) === 1) ?? 0;
  const rows = { app: { [upstream.url.replace("http://", "")]: row } };
  await plane.plane.apply(
    { version: 2, config: read.config, rows, routes: {}, files: {}, stickySecret: "secret" },
    {},
  );
  client.send("still here");
  await eventually(() => client.messages().length === 1);
  assert.equal((await askSocket(t, plane.port)).status, 404);
  const next = await askSocket(t, plane.port, { path: "/new/x" });
  assert.equal(next.status, 101);
  assert.equal(plane.counts().inflight, 2);
  next.close(1000);
  client.close(1000);
  await ended(plane);
  assert.deepEqual(plane.faults, []);
});
