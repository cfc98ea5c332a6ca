import process from "node:process";

/** How a runtime is brought to look for garbage. */
export interface Collecting {
  /** The process may grow by so much over what it took when it was last tidied up, bytes. */
  readonly slackBytes: number;
  /** Asks it to look when it has time. */
  readonly hint?: () => void;
  /** Has it look now, in some tens of milliseconds. */
  readonly collect: () => void;
}

/** Every so many calls the runtime is asked to look when it has time. */
const CALLS_BETWEEN_HINTS = 8;

/**
 * Keeps megabytes of bytes that nobody needs any more from piling up: runtimes hardly count them as their own, and Bun would
 * look for garbage only after well over a hundred.
 *
 * To ask costs next to nothing. Where that does not suffice, since bytes come faster than the runtime looks, it has to look
 * now: once in tens of megabytes that pass.
 */
export function createGarbageCollector({ slackBytes, hint, collect }: Collecting): () => void {
  let calls = 0;
  let calmBytes = Infinity;
  return () => {
    const nowBytes = process.memoryUsage.rss();
    calmBytes = Math.min(calmBytes, nowBytes);
    calls++;
    if (nowBytes <= calmBytes + slackBytes) {
      if (calls % CALLS_BETWEEN_HINTS === 0) hint?.();
      return;
    }
    collect();
    // What was freed may not be given back at once: what is kept for good counts only step by step.
    calmBytes = Math.min(process.memoryUsage.rss(), calmBytes + slackBytes / 2);
  };
}
