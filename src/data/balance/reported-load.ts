import { GroupMedian } from "./group-median.ts";
import type { Candidates, PolicyFactory } from "./policy.ts";
import { relativePressure } from "./pressure.ts";
import { drawOne, drawOther } from "./two-draws.ts";

/** Reports below this count as this, so that a server that reports 0 is not free however much it gets. */
const leastLoad = 0.05;

/**
 * Draws two different candidates by weight and takes the one with the lower load, by its own report. A report says how
 * full a server is for its size, so the weight counts in the draw only.
 *
 * A report is old when it is read, and everybody who reads it reacts alike. Two things keep a herd from following it:
 * only two candidates are compared, which stays good with old numbers where taking the minimum does not, and the report
 * is brought up to date by what we know better, the requests under way: twice as many as when it was made count as
 * twice the load. Who reported nothing lately counts as the group's median.
 *
 * Source: Mitzenmacher, "How Useful Is Old Information?", 2000, for the first.
 */
export const reportedLoad: PolicyFactory = ({ random }) => {
  const median = new GroupMedian(currentLoad);

  function loadOf(candidates: Candidates, index: number): number {
    const known = currentLoad(candidates, index);
    return Number.isNaN(known) ? median.of(candidates) || 1 : known; // 1: nobody reported, all are equal
  }

  return (candidates) => {
    median.age();
    const first = drawOne(candidates, random());
    const second = drawOther(candidates, first, random());
    const difference = loadOf(candidates, second) - loadOf(candidates, first);
    const isLower = difference === 0 ? relativePressure(candidates, second, first) < 1 : difference < 0;
    return isLower ? second : first;
  };
};

/** The report, brought up to date; NaN where there is none. */
function currentLoad(candidates: Candidates, index: number): number {
  const growth = (candidates.inflight(index) + 1) / (candidates.reportedInflight(index) + 1);
  return Math.max(leastLoad, candidates.load(index)) * growth;
}
