/** A logarithmic axis of times. */
export interface TimeAxis {
  /** Times that get a label, ms, rising; the first and the last are near the ends. */
  readonly ticks: readonly number[];
  /** Where a time lies, 0 = begin, 1 = end; what is outside lies at the nearer end. */
  at(ms: number): number;
}

const steps = [1, 2, 5];

/** An axis from one time to another that is later, rounded outwards. */
export function createTimeAxis(leastMs: number, greatestMs: number): TimeAxis {
  const least = roundDown(leastMs);
  const greatest = Math.max(roundUp(greatestMs), roundUp(least * 1.01));
  const width = Math.log(greatest / least);
  const all = roundTimes().filter((ms) => ms >= least * 0.999 && ms <= greatest * 1.001);
  return {
    ticks: all.length <= mostTicks ? all : all.filter((ms) => isDecade(ms)),
    at: (ms) => Math.min(1, Math.max(0, Math.log(ms / least) / width)),
  };
}

const mostTicks = 8;

/** 1, 2 and 5 of every decade that a time may fall into. */
function roundTimes(): number[] {
  const decades = Array.from({ length: 10 }, (_, at) => at - 3);
  return decades.flatMap((decade) => steps.map((step) => Number((step * 10 ** decade).toPrecision(1))));
}

function roundDown(ms: number): number {
  return roundTimes().findLast((round) => round <= ms) ?? 0.001;
}

function roundUp(ms: number): number {
  return roundTimes().find((round) => round >= ms) ?? 5_000_000;
}

function isDecade(ms: number): boolean {
  return Number.isInteger(Number(Math.log10(ms).toFixed(6)));
}
