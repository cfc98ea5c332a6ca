import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describeBind, findBindFaults } from "../../src/control/port-check.ts";
import { freePort } from "../kit/free-port.ts";
import { startServer } from "../kit/start-server.ts";

describe("port check", () => {
  test("names the listener and the address that another process has", async (t) => {
    const { port } = await startServer(t);
    const faults = await findBindFaults([{ owner: "listeners.web", bind: { hostname: "127.0.0.1", port } }]);
    assert.deepEqual(faults, [
      {
        owner: "listeners.web",
        message: `Cannot listen on 127.0.0.1:${port} (listener "web"): another process uses this port; stop it or change listeners.web.bind`,
      },
    ]);
  });

  test("sees a server on one address when all are wanted", async (t) => {
    const { port } = await startServer(t);
    const [fault] = await findBindFaults([{ owner: "admin", bind: { hostname: "", port } }]);
    assert.match(fault?.message ?? "", /^Cannot listen on 0\.0\.0\.0:\d+ \(admin\): another process/);
  });

  test("leaves a free port free", async () => {
    const wanted = [{ owner: "listeners.web", bind: { hostname: "127.0.0.1", port: await freePort() } }];
    assert.deepEqual(await findBindFaults(wanted), []);
    assert.deepEqual(await findBindFaults(wanted), []);
  });

  test("finds two listeners of our own on one address, but not two that take any port", async () => {
    const twins = (port: number) =>
      ["listeners.a", "listeners.b"].map((owner) => ({ owner, bind: { hostname: "127.0.0.1", port } }));
    assert.deepEqual(await findBindFaults(twins(0)), []);
    const [fault] = await findBindFaults(twins(await freePort()));
    assert.match(fault?.message ?? "", /listener "b"\): listener "a" has that address/);
  });

  test("says that the machine has no such address", async () => {
    const [fault] = await findBindFaults([{ owner: "admin", bind: { hostname: "203.0.113.7", port: 8080 } }]);
    assert.match(fault?.message ?? "", /this machine has no address 203\.0\.113\.7; change admin\.bind/);
  });

  test("writes addresses as users do", () => {
    assert.equal(describeBind({ hostname: "::1", port: 80 }), "[::1]:80");
    assert.equal(describeBind({ hostname: "", port: 80 }), "0.0.0.0:80");
  });
});
