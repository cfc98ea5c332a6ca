import assert from "node:assert/strict";
import process from "node:process";
import { describe, test } from "node:test";

import { findBindFaults } from "../../src/control/port-check.ts";
import { eventually } from "../kit/eventually.ts";
import { runProgram } from "../kit/start-proxy.ts";
import { startServer } from "../kit/start-server.ts";

const limit = { timeout: 60_000 };
const ports = [8080, 9001, 9002, 9003, 9900];

/** The demo stands on fixed ports: a test that cannot have them says so and fails. */
async function provePortsFree(): Promise<void> {
  assert.ok(await isFree(), `Cannot try the demo: stop what uses one of the ports ${ports.join(", ")}`);
}

async function isFree(): Promise<boolean> {
  const wanted = ports.map((port) => ({ owner: "demo", bind: { hostname: "127.0.0.1", port } }));
  return (await findBindFaults(wanted)).length === 0;
}

describe("demo", () => {
  test(
    "answers at once, goes on when a toy server is killed, and leaves nothing behind",
    limit,
    async (t) => {
      await provePortsFree();
      const demo = runProgram(t, ["demo"]);
      await eventually(() => demo.output().includes("Ctrl-C"), 20_000);
      const names = new Set<string | null>();
      for (let count = 0; count < 6; count++)
        names.add((await fetch("http://127.0.0.1:8080/")).headers.get("x-server"));
      assert.deepEqual(names, new Set(["alice", "bob", "carol"]));

      assert.match(await (await fetch("http://127.0.0.1:9900/")).text(), /<title>Headgate<\/title>/);
      const weighed = await fetch("http://127.0.0.1:9900/api/upstreams/app/servers/127.0.0.1:9003", {
        method: "PATCH",
        body: JSON.stringify({ weight: 2 }),
      });
      assert.equal(((await weighed.json()) as { readonly stored: boolean }).stored, false);

      const [, pid = ""] = /bob .*pid (\d+)/.exec(demo.output()) ?? [];
      process.kill(Number(pid), "SIGKILL");
      await eventually(() => demo.output().includes("bob on port 9002 has died"));
      for (let count = 0; count < 6; count++)
        assert.equal((await fetch("http://127.0.0.1:8080/")).status, 200);

      demo.signal("SIGINT");
      assert.equal(await demo.exited, 0);
      await eventually(async () => assert.ok(await isFree()));
    },
  );

  test("says which port is taken", limit, async (t) => {
    await provePortsFree();
    await startServer(t, undefined, 9002);
    const demo = runProgram(t, ["demo"]);
    assert.equal(await demo.exited, 1);
    assert.match(
      demo.logs(),
      /^Cannot listen on 127\.0\.0\.1:9002 \(toy server bob\): another process uses this port/,
    );
  });
});
