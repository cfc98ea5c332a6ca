/** How evenly something is spread. */
export interface Evenness {
  /** What the busiest got, over the mean; 1 = all got the same. */
  readonly maxOverMean: number;
  /**
   * Jain's index: 1 = all got the same, 1 / n = one got everything.
   *
   * Source: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness", 1984.
   */
  readonly jain: number;
}

/** Measures amounts in proportion to their weights (default 1). */
export function evennessOf(
  amounts: readonly number[],
  weights: readonly { readonly weight?: number }[],
): Evenness {
  const shares = amounts
    .map((amount, at) => amount / (weights[at]?.weight ?? 1))
    .filter((share) => Number.isFinite(share));
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  if (sum === 0) return { maxOverMean: 1, jain: 1 };
  const max = shares.reduce((most, share) => Math.max(most, share), 0);
  return { maxOverMean: (max * shares.length) / sum, jain: (sum * sum) / (shares.length * squares) };
}
