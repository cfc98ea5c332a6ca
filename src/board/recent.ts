import { recentRing, RecentWord, secondAt } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { claim } from "./ring.ts";

/** What a row saw in the last seconds, the running one included: for failure rates and retry budgets. */
export interface Recent {
  readonly requests: number;
  readonly failures: number;
  readonly retries: number;
}

/** The longest look back, in seconds. */
export const longestRecent = 60;

/** The first word of the row's running second, made ready for counting where it was not yet. */
export function claimSecond(memory: Memory, row: number, nowMs: number): number {
  const second = Math.floor(nowMs / 1000);
  const at = secondAt(memory.layout, row, second);
  if (Atomics.load(memory.words, at) !== second) {
    claim(memory.words, { at, tag: second, words: RecentWord.words });
  }
  return at;
}

/** Adds up the seconds from `from` to `to`, numbered since 1970. */
export function readRecent(memory: Memory, row: number, span: { from: number; to: number }): Recent {
  const sums = { requests: 0, failures: 0, retries: 0 };
  for (let second = span.from; second <= span.to; second++) {
    const at = secondAt(memory.layout, row, second);
    if (Atomics.load(memory.words, at) !== second) continue;
    sums.requests += Atomics.load(memory.words, at + RecentWord.requests);
    sums.failures += Atomics.load(memory.words, at + RecentWord.failures);
    sums.retries += Atomics.load(memory.words, at + RecentWord.retries);
  }
  return sums;
}

/** Forgets a row's recent past; nobody may be counting. */
export function clearRecent(memory: Memory, row: number): void {
  const from = secondAt(memory.layout, row, 0);
  memory.words.fill(0, from, from + recentRing * RecentWord.words);
}
