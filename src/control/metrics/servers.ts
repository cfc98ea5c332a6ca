import type { RowReading } from "../../board/reading.ts";
import type { Labels, Metric, Sample } from "./text.ts";
import { type MetricsSource, serversIn } from "./source.ts";

/** A server and all its numbers. */
export interface Measured {
  readonly labels: Labels;
  readonly reading: RowReading;
}

interface Simple {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** null = leave it out. */
  readonly value: (reading: RowReading) => number | null;
}

const simple: readonly Simple[] = [
  {
    name: "headgate_server_up",
    type: "gauge",
    help: "1 where a server takes new requests; 0 where it is down, ejected or draining.",
    value: ({ state, weight }) => (state === "up" && weight > 0 ? 1 : 0),
  },
  {
    name: "headgate_server_weight",
    type: "gauge",
    help: "The weight in force: as configured, or as a person wants it.",
    value: ({ weight }) => weight,
  },
  {
    name: "headgate_server_inflight",
    type: "gauge",
    help: "Requests under way to a server.",
    value: ({ inflight }) => inflight,
  },
  {
    name: "headgate_server_load",
    type: "gauge",
    help: "What a server last reported of its load.",
    value: ({ load }) => load,
  },
  {
    name: "headgate_server_error_ratio",
    type: "gauge",
    help: "The share of attempts that failed or were answered 5xx, past 5 minutes, 0 to 1.",
    value: ({ errorRate }) => errorRate,
  },
  {
    name: "headgate_server_attempts_total",
    type: "counter",
    help: "Attempts that were sent to a server, since it was first configured.",
    value: ({ requests }) => requests,
  },
  {
    name: "headgate_server_errors_total",
    type: "counter",
    help: "Attempts that failed or were answered 5xx, since the server was first configured.",
    value: ({ errors }) => errors,
  },
  {
    name: "headgate_retries_total",
    type: "counter",
    help: "Attempts that repeated a failed one, by the server that they went to.",
    value: ({ retries }) => retries,
  },
];

/** Reads the numbers of every server, one after the other: five minutes of response times are added up for each. */
export function* measureServers(source: MetricsSource): Generator<Measured> {
  const { board, nowMs } = source;
  for (const { upstream, server, row } of serversIn(source))
    yield { labels: { upstream, server }, reading: board.readRow(row, nowMs) };
}

/** What the board has on every server. */
export function serverMetrics(servers: readonly Measured[]): Metric[] {
  return [
    ...simple.map(({ name, type, help, value }) => ({
      name,
      type,
      help,
      samples: servers.flatMap(({ labels, reading }) => sampleOf(labels, value(reading))),
    })),
    {
      name: "headgate_server_response_time_seconds",
      type: "summary",
      help: "From an attempt's start to the answer's headers: quantiles of the past 5 minutes; sum and count since ever.",
      samples: servers.flatMap(quantileSamples),
    },
  ];
}

function sampleOf(labels: Labels, value: number | null): Sample[] {
  return value === null ? [] : [{ labels, value }];
}

function quantileSamples({ labels, reading }: Measured): Sample[] {
  const { responseTimeMs: times, responses, responsesMs } = reading;
  const quantiles = times ? { "0.5": times.p50, "0.95": times.p95, "0.99": times.p99 } : {};
  return [
    ...Object.entries(quantiles).map(([quantile, ms]) => ({
      labels: { ...labels, quantile },
      value: ms / 1000,
    })),
    { suffix: "_sum", labels, value: responsesMs / 1000 },
    { suffix: "_count", labels, value: responses },
  ];
}
