/** How times, in ms, are spread. */
export type Distribution =
  | { readonly kind: "constant"; readonly ms: number }
  | { readonly kind: "exponential"; readonly meanMs: number }
  /** Half are below the median; `sigma` of the logarithm is about 0.5 for a tidy service and 1.5 for a wild one. */
  | { readonly kind: "lognormal"; readonly medianMs: number; readonly sigma: number }
  /** A heavy tail: the probability to exceed x is (leastMs / x) ^ shape. */
  | { readonly kind: "pareto"; readonly leastMs: number; readonly shape: number }
  /** One of these times, each as likely as the others. */
  | { readonly kind: "recorded"; readonly samplesMs: ArrayLike<number> };

/** Draws a time. */
export type Sampler = () => number;

/** Prepares draws from a distribution by this chance, numbers in [0, 1). */
export function createSampler(distribution: Distribution, random: () => number): Sampler {
  switch (distribution.kind) {
    case "constant":
      return () => distribution.ms;
    case "exponential":
      return () => -distribution.meanMs * Math.log(1 - random());
    case "lognormal":
      return () => distribution.medianMs * Math.exp(distribution.sigma * standardNormal(random));
    case "pareto":
      return () => distribution.leastMs * (1 - random()) ** (-1 / distribution.shape);
    case "recorded":
      return () => distribution.samplesMs[Math.floor(random() * distribution.samplesMs.length)] ?? 0;
    default:
      return distribution satisfies never;
  }
}

/** Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
