import type { MeasureName } from "./bench-case.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly digits: number;
}

/** Every measure, in the order of the columns. */
export const columns: Readonly<Record<MeasureName, Column>> = {
  cpuUs: { title: "CPU µs/request", digits: 1 },
  cpuRatio: { title: "× CPU", digits: 2 },
  cpuSpread: { title: "min–max", digits: 2 },
  perSecond: { title: "requests/s", digits: 0 },
  perSecondRatio: { title: "× requests/s", digits: 2 },
  p50Ms: { title: "p50 ms", digits: 2 },
  p50Ratio: { title: "× p50", digits: 2 },
  p99Ms: { title: "p99 ms", digits: 2 },
  p99Ratio: { title: "× p99", digits: 2 },
  quietP99Ms: { title: "quiet p99 ms", digits: 2 },
  quietP99Ratio: { title: "× quiet p99", digits: 2 },
  refusalCpuUs: { title: "CPU µs/refusal", digits: 1 },
  refusalCpuRatio: { title: "× CPU of proxying", digits: 2 },
  floodPerSecond: { title: "flood/s", digits: 0 },
  slowClients: { title: "slow clients", digits: 0 },
  held: { title: "connections held", digits: 0 },
  rssMb: { title: "RSS MB", digits: 0 },
  growthMb: { title: "RSS growth MB", digits: 1 },
  throughMb: { title: "through MB", digits: 0 },
  errors: { title: "errors", digits: 0 },
};

/** The names in the order of the columns. */
export const measureNames = Object.keys(columns) as readonly MeasureName[];
