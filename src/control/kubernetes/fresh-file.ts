import { readFile } from "node:fs/promises";

/** A file is read anew after this time, ms: Kubernetes renews tokens long before they end. */
const freshMs = 30_000;

/** Gives the text of a file that somebody else renews, as it was at most half a minute ago. */
export function createFreshFile(file: string, nowMs: () => number = () => performance.now()) {
  let [text, readAtMs] = ["", Number.NEGATIVE_INFINITY];
  return async (isStale: boolean): Promise<string> => {
    if (!isStale && nowMs() - readAtMs < freshMs) return text;
    text = (await readFile(file, "utf8")).trim();
    readAtMs = nowMs();
    return text;
  };
}
