import process from "node:process";

/** Every so many calls Bun is asked to look for garbage when it has time. */
const CALLS_BETWEEN_HINTS = 8;

/** The process may grow by so much over what it took when it was last tidied up, bytes. */
const SLACK_BYTES = 24 * 1024 * 1024;

let calls = 0;
let calmBytes = Infinity;

/**
 * Keeps megabytes of bytes that nobody needs any more from piling up: Bun does not count them as its own, and would look for
 * garbage only after well over a hundred.
 *
 * It is asked to look when it has time, which costs next to nothing. Where that does not suffice, since bytes come faster than
 * it looks, it has to look now: that takes 10 to 25 ms, and happens once in tens of megabytes.
 */
export function collectBunGarbage(): void {
  const nowBytes = process.memoryUsage.rss();
  calmBytes = Math.min(calmBytes, nowBytes);
  if (nowBytes > calmBytes + SLACK_BYTES) {
    Bun.gc(true);
    calmBytes = process.memoryUsage.rss();
    return;
  }
  calls++;
  if (calls % CALLS_BETWEEN_HINTS === 0) Bun.gc(false);
}
