import type { Candidates } from "./policy.ts";

/**
 * The median of one number over all candidates that have it: what is assumed of those that do not.
 *
 * It is computed for as many choices as there are candidates, so that a choice costs the same on average however many
 * there are.
 */
export class GroupMedian {
  readonly #read: (candidates: Candidates, index: number) => number;
  #scratch = new Float64Array(16);
  #choicesLeft = 0;
  #value = Number.NaN;

  constructor(read: (candidates: Candidates, index: number) => number) {
    this.#read = read;
  }

  /** Counts a choice. */
  age(): void {
    this.#choicesLeft--;
  }

  /** The median; NaN where no candidate has the number. */
  of(candidates: Candidates): number {
    if (this.#choicesLeft <= 0) this.#compute(candidates);
    return this.#value;
  }

  #compute(candidates: Candidates): void {
    if (this.#scratch.length < candidates.count) this.#scratch = new Float64Array(candidates.count);
    let known = 0;
    for (let index = 0; index < candidates.count; index++) {
      const value = this.#read(candidates, index);
      if (!Number.isNaN(value)) this.#scratch[known++] = value;
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- the scratch is ours, and a copy would be garbage
    this.#value = middleOf(this.#scratch.subarray(0, known).sort());
    this.#choicesLeft = candidates.count;
  }
}

function middleOf(sorted: Float64Array): number {
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
