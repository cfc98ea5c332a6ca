import type { Host } from "../../../src/runtime/host.ts";
import { systemTime } from "../../../src/runtime/time.ts";

/** How many times as fast as ours the clock of `fastHost` runs. */
export const SPEED = 100;

/** A runtime on which waiting takes a hundredth of the time. Its event loop always looks late. */
export const fastHost: Partial<Host> = {
  time: { ...systemTime, monotonicMs: () => performance.now() * SPEED },
};
