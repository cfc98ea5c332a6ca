import { createGarbageCollector } from "../garbage.ts";

const SLACK_BYTES = 12 * 1024 * 1024;

/** Bun looks for garbage in 10 to 25 ms, and does not count bytes outside of its heap as its own. */
export const collectBunGarbage = createGarbageCollector({
  slackBytes: SLACK_BYTES,
  hint: () => Bun.gc(false),
  collect: () => Bun.gc(true),
});
