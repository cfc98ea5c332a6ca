import { GroupMedian } from "./group-median.ts";
import type { Candidates, PolicyFactory } from "./policy.ts";
import { relativePressure } from "./pressure.ts";
import { drawOne, drawOther } from "./two-draws.ts";

/**
 * Draws two different candidates by weight and takes the one that is likely to answer sooner: its average time to the
 * headers times how busy it is.
 *
 * The average rises at once and fades slowly, so a server that turns slow is left at once and tried again later. Who was
 * never measured counts as the group's median: as 0 it would get everybody's traffic at once.
 *
 * Source: the peak-EWMA load of Finagle and linkerd, over two choices.
 */
export const responseTime: PolicyFactory = ({ random }) => {
  const median = new GroupMedian((candidates, index) => candidates.responseTimeMs(index));

  function timeOf(candidates: Candidates, index: number): number {
    const known = candidates.responseTimeMs(index);
    return Number.isNaN(known) ? median.of(candidates) || 1 : known; // 1: nobody was measured, all are equal
  }

  return (candidates) => {
    median.age();
    const first = drawOne(candidates, random());
    const second = drawOther(candidates, first, random());
    const isSooner =
      timeOf(candidates, second) * relativePressure(candidates, second, first) < timeOf(candidates, first);
    return isSooner ? second : first;
  };
};
