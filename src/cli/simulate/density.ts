import { type Histogram, valueOf } from "../../board/histogram.ts";
import type { TimeAxis } from "./time-axis.ts";

/** How many points a curve has. */
const points = 160;

/** How far a time is smeared, in points, so that the edges of buckets do not show. */
const blur = 2.2;

/**
 * How many of the requests take how long: for each of the points of a logarithmic axis, the share of all requests near
 * it. Shares are of the same size for every histogram, so that curves can be compared.
 */
export function densityOn(axis: TimeAxis, { buckets, count }: Histogram): number[] {
  const density = Array.from({ length: points + 1 }, () => 0);
  for (const [bucket, times] of buckets.entries()) {
    const at = axis.at(valueOf(bucket));
    if (times > 0 && at > 0 && at < 1) smear(density, at * points, times / count);
  }
  return density;
}

function smear(density: number[], center: number, share: number): void {
  const reach = Math.ceil(3 * blur);
  for (
    let point = Math.max(0, Math.floor(center) - reach);
    point <= Math.min(points, center + reach);
    point++
  ) {
    density[point] = (density[point] ?? 0) + share * Math.exp(-(((point - center) / blur) ** 2) / 2);
  }
}
