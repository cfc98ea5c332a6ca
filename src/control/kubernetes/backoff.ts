/** How long to wait from failure to failure, ms. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly random: () => number;
}

/** Waits longer with each failure in a row, each time by chance, so that many clients do not come back together. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** After a failure: how long to wait, ms. From half to the whole of what doubles each time. */
  nextMs(): number {
    const { firstMs, longestMs, random } = this.#options;
    const doubled = Math.min(longestMs, firstMs * 2 ** Math.min(20, this.#failures++));
    return doubled * (0.5 + random() / 2);
  }

  /** All is well again. */
  reset(): void {
    this.#failures = 0;
  }
}
