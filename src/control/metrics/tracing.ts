import type { SpanCounts } from "../tracing/exporter.ts";
import type { Metric } from "./text.ts";

/** What became of spans; nothing where nothing is traced. */
export function tracingMetrics(counts: SpanCounts | undefined): Metric[] {
  if (counts === undefined) return [];
  return [
    {
      name: "headgate_spans_exported_total",
      type: "counter",
      help: "Spans that the collector has.",
      samples: [{ value: counts.exported }],
    },
    {
      name: "headgate_spans_dropped_total",
      type: "counter",
      help: "Spans that were lost: there was no room while the collector was away or slow, or it refused them.",
      samples: [
        { labels: { reason: "overflow" }, value: counts.overflowed },
        { labels: { reason: "refused" }, value: counts.refused },
      ],
    },
  ];
}
