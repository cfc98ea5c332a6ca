import type { Child } from "./child.ts";
import { readTree } from "./process-tree.ts";

const SAMPLE_EVERY_MS = 100;

/** What a program took at most while something went on. */
export interface WatchedMemory<Result> {
  readonly result: Result;
  readonly rssMb: number;
  /** The peak over what it was before. */
  readonly growthMb: number;
}

/** Looks at the memory of a program while `run` goes on. */
export async function watchMemory<Result>(
  { pid }: Child,
  run: () => Promise<Result>,
): Promise<WatchedMemory<Result>> {
  const beforeBytes = readTree(pid).rssBytes;
  let peakBytes = 0;
  const look = (): void => void (peakBytes = Math.max(peakBytes, readTree(pid).rssBytes));
  const timer = setInterval(look, SAMPLE_EVERY_MS);
  const result = await run().finally(() => clearInterval(timer));
  look();
  return { result, rssMb: peakBytes / 1e6, growthMb: (peakBytes - beforeBytes) / 1e6 };
}
