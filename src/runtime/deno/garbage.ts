import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGarbageCollector } from "../garbage.ts";

const SLACK_BYTES = 24 * 1024 * 1024;

type Collect = (options?: { readonly type: "minor" }) => void;

let found: Collect | undefined;

/** V8 gives its collector away only when it is asked to, and only to new contexts. */
function findCollect(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

/** What passes through dies young; what does not is looked at only where that was not enough. */
function collect(): void {
  found ??= findCollect();
  const beforeBytes = process.memoryUsage.rss();
  found({ type: "minor" });
  if (process.memoryUsage.rss() > beforeBytes - SLACK_BYTES / 4) found();
}

/** V8 counts bytes outside of its heap, but is slow to act on it. */
export const collectDenoGarbage = createGarbageCollector({ slackBytes: SLACK_BYTES, collect });
