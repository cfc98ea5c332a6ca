import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Crew } from "../../src/control/workers/crew.ts";
import { createLog } from "../../src/control/log.ts";
import { shutDown } from "../../src/control/shutdown.ts";
import type { Time } from "../../src/runtime/host.ts";

const crew: Crew = {
  addresses: () => [],
  workerCount: () => 1,
  apply: async () => {},
  retire() {},
  reopenLog() {},
  askToLeave() {},
  drain: async () => {},
  close: async () => {},
};

/** A clock that stands still and remembers which timers nobody stopped. */
function standingTime(): Time & { readonly running: Set<object> } {
  const running = new Set<object>();
  const start = () => {
    const timer = { stop: () => void running.delete(timer) };
    running.add(timer);
    return timer;
  };
  return { running, now: () => 0, monotonicMs: () => 0, after: start, every: start };
}

describe("shutDown", () => {
  test("leaves no timer that would keep the program running once all exchanges have ended", async () => {
    const time = standingTime();
    const log = createLog({ write() {}, now: () => 0 });
    await shutDown({ crew, graceMs: 0, drainMs: 30_000, openExchanges: () => 0, time, log });
    assert.equal(time.running.size, 0);
  });

  test("leaves a worker behind that does not end though it was told to, and says so", async () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line), now: () => 0 });
    const stuck: Crew = { ...crew, close: () => new Promise(() => {}) };
    const after: Time["after"] = (delayMs, run) => {
      if (delayMs === 3000) queueMicrotask(run);
      return { stop() {} };
    };
    const time = { ...standingTime(), after };
    await shutDown({ crew: stuck, graceMs: 0, drainMs: 30_000, openExchanges: () => 0, time, log });
    assert.match(lines.join(""), / warn a worker does not end, leaving without it/);
  });
});
