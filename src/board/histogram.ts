import { bucketCount } from "./layout.ts";

/** Times below count as this. */
export const leastMs = 0.05;
/** Times above count as this. */
export const greatestMs = 600_000;

const width = Math.log(greatestMs / leastMs) / bucketCount; // of a bucket, as a logarithm
const perWidth = 1 / width;
const middle = (2 * Math.exp(width)) / (1 + Math.exp(width)); // equally wrong, in proportion, at both edges

/** The bucket that a time falls into. */
export function bucketOf(ms: number): number {
  if (!(ms > leastMs)) return 0;
  const bucket = Math.floor(Math.log(ms / leastMs) * perWidth);
  return bucket < bucketCount ? bucket : bucketCount - 1;
}

/**
 * The time that stands for a bucket: within 2 % of every time that falls into it.
 *
 * Source: DDSketch, "A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", 2019.
 */
export function valueOf(bucket: number): number {
  return leastMs * Math.exp(bucket * width) * middle;
}

/** How many times fell into each bucket, and what they add up to. */
export interface Histogram {
  readonly buckets: Float64Array;
  count: number;
  sumMs: number;
}

/** Median and tails of response times, in ms, with how many there were and their exact sum. */
export interface Quantiles {
  readonly count: number;
  readonly sumMs: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A histogram without times. */
export function emptyHistogram(): Histogram {
  return { buckets: new Float64Array(bucketCount), count: 0, sumMs: 0 };
}

/** Adds what is in another histogram. */
export function addHistogram(histogram: Histogram, other: Histogram): void {
  const { buckets } = histogram;
  for (let bucket = 0; bucket < bucketCount; bucket++)
    buckets[bucket] = (buckets[bucket] as number) + (other.buckets[bucket] as number);
  histogram.count += other.count;
  histogram.sumMs += other.sumMs;
}

/** Reads the quantiles off a histogram; undefined where it is empty. */
export function quantilesIn(histogram: Histogram): Quantiles | undefined {
  const { count, sumMs } = histogram;
  if (count === 0) return undefined;
  return {
    count,
    sumMs,
    p50: quantile(histogram, 0.5),
    p95: quantile(histogram, 0.95),
    p99: quantile(histogram, 0.99),
  };
}

/** The nearest-rank quantile of a histogram that is not empty; `ratio` in 0..1. */
export function quantile(histogram: Histogram, ratio: number): number {
  const rank = Math.max(1, Math.ceil(ratio * histogram.count));
  const { buckets } = histogram;
  let seen = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    seen += buckets[bucket] as number;
    if (seen >= rank) return valueOf(bucket);
  }
  return valueOf(bucketCount - 1);
}
