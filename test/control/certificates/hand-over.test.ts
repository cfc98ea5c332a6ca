import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { handOver } from "../../../src/control/certificates/hand-over.ts";
import type { Crew } from "../../../src/control/workers/crew.ts";
import type { Log } from "../../../src/control/log.ts";
import type { ListenerAddress } from "../../../src/data/plane.ts";
import type { Time } from "../../../src/runtime/host.ts";

/** Hands over, with a clock that jumps, and gives what was done in turn. */
async function told(addresses: readonly ListenerAddress[], canSteer: boolean): Promise<readonly string[]> {
  const done: string[] = [];
  const crew: Partial<Crew> = { addresses: () => addresses, retire: () => void done.push("retire") };
  const log: Partial<Log> = { warn: (message) => void done.push(`warn: ${message}`) };
  const time: Partial<Time> = {
    after(delayMs, run) {
      done.push(`wait ${delayMs} ms`);
      run();
      return { stop: () => {} };
    },
  };
  const steerConnections = (port: number, toward: string): boolean => {
    done.push(`${port} to ${toward}`);
    return canSteer;
  };
  await handOver({ crew: crew as Crew, host: { time: time as Time, steerConnections }, log: log as Log });
  return done;
}

const address = { name: "secure", hostname: "127.0.0.1", port: 443 };

describe("handing a port over", () => {
  test("leaves the old listener out, waits for what is under way to it, and closes it", async () => {
    const taken = [
      { ...address, isHandingOver: true as const },
      { ...address, name: "other", port: 80 },
    ];
    assert.deepEqual(await told(taken, true), [
      "443 to younger",
      "wait 2000 ms",
      "443 to one-younger",
      "retire",
      "wait 250 ms",
      "443 to all",
    ]);
  });

  test("closes the old listener at once where connections cannot be steered, and says so", async () => {
    const [, warning = "", retired] = await told([{ ...address, isHandingOver: true }], false);
    assert.match(warning, /^warn: new connections may have been reset/);
    assert.equal(retired, "retire");
  });

  test("steers nothing where no listener was replaced", async () => {
    assert.deepEqual(await told([address], true), ["retire"]);
  });
});
