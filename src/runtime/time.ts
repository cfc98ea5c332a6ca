import type { Time, Timer } from "./host.ts";

/** The real clock and the real timers, the same on both runtimes. */
export const systemTime: Time = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const id = setTimeout(run, delayMs);
    return timerOf(() => clearTimeout(id));
  },
  every(intervalMs, run) {
    const id = setInterval(run, intervalMs);
    return timerOf(() => clearInterval(id));
  },
};

function timerOf(stop: () => void): Timer {
  return { stop };
}
