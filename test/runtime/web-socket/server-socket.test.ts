import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { ServerSocket } from "../../../src/runtime/web-socket/server-socket.ts";
import { eventually } from "../../kit/eventually.ts";

test("a server that goes on talking after the goodbye is left", { timeout: 20_000 }, async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    const talking = setInterval(() => socket.write("and another thing"), 50);
    socket.on("close", () => clearInterval(talking));
  });
  t.after(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const connection = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(connection, "connect");
  const events = { open() {}, message() {}, close() {} };
  const socket = new ServerSocket({
    connection,
    protocol: "",
    setCookies: [],
    rest: Buffer.alloc(0),
    events,
  });
  socket.close(1000, "");
  await eventually(() => connection.destroyed, 10_000);
  assert.equal(socket.send("too late"), false);
});
