import type { Discovery, DiscoveryStatus } from "../discovery/discovery.ts";
import type { SourceStatus } from "../discovery/findings.ts";
import type { RunningConfig } from "../configuration/reloader.ts";
import type { Metric, Sample } from "./text.ts";

/** What is told of discovery, and by whom it is known. */
export interface DiscoverySource {
  readonly running: RunningConfig;
  readonly discovery: Pick<Discovery, "statusOf">;
}

interface Told extends DiscoveryStatus {
  readonly upstream: string;
}

const simple: readonly (Omit<Metric, "samples"> & {
  readonly value: (source: SourceStatus) => number | null;
})[] = [
  {
    name: "headgate_discovery_up",
    type: "gauge",
    help: "1 while a source of servers says what they are; 0 while the last good set is kept.",
    value: ({ error }) => Number(error === null),
  },
  {
    name: "headgate_discovery_servers",
    type: "gauge",
    help: "Servers that a source has found.",
    value: ({ servers }) => servers,
  },
  {
    name: "headgate_discovery_last_success_timestamp_seconds",
    type: "gauge",
    help: "When a source last said what the servers are.",
    value: ({ lastSuccessAt }) => lastSuccessAt && lastSuccessAt / 1000,
  },
  {
    name: "headgate_discovery_failures_total",
    type: "counter",
    help: "How often a source could not say what the servers are.",
    value: ({ failures }) => failures,
  },
];

/** How servers are found, by upstream and source. */
export function discoveryMetrics({ running, discovery }: DiscoverySource): Metric[] {
  const told = Object.entries(running.snapshot.config.upstreams).flatMap(([upstream, config]): Told[] => {
    const status = discovery.statusOf(upstream, config);
    return status ? [{ upstream, ...status }] : [];
  });
  return [
    ...simple.map(({ name, type, help, value }) => ({
      name,
      type,
      help,
      samples: told.flatMap((one) => samplesOf(one, value)),
    })),
    {
      name: "headgate_discovery_left_out_servers",
      type: "gauge",
      help: "Servers that were found, and not taken in for want of room.",
      samples: told.map(({ upstream, leftOut }) => ({ labels: { upstream }, value: leftOut })),
    },
  ];
}

function samplesOf({ upstream, sources }: Told, value: (source: SourceStatus) => number | null): Sample[] {
  return sources.flatMap((source) => {
    const found = value(source);
    return found === null ? [] : [{ labels: { upstream, source: source.kind }, value: found }];
  });
}
