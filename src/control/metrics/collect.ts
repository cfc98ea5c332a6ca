import { discoveryMetrics } from "./discovery.ts";
import { clusterMetrics } from "./cluster.ts";
import { exchangeMetrics } from "./exchanges.ts";
import { processMetrics } from "./process.ts";
import { proxyMetrics } from "./proxy.ts";
import { type Measured, measureServers, serverMetrics } from "./servers.ts";
import type { MetricsSource } from "./source.ts";
import { tracingMetrics } from "./tracing.ts";
import type { Metric } from "./text.ts";

/** Every metric that there is, as it stands now. Their labels come from the configuration, never from a client. */
export function collectMetrics(
  source: MetricsSource,
  servers: readonly Measured[] = [...measureServers(source)],
): Metric[] {
  return [
    ...proxyMetrics(source),
    ...exchangeMetrics(source),
    ...serverMetrics(servers),
    ...discoveryMetrics(source),
    ...clusterMetrics(source),
    ...tracingMetrics(source.spans),
    ...processMetrics(source.nowMs),
  ];
}
