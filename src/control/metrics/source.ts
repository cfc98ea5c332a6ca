import type { Board } from "../../board/board.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { SpanCounts } from "../tracing/exporter.ts";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { StorageStatus } from "../storage/storage.ts";
import type { ReloadCounts, RunningConfig } from "../configuration/reloader.ts";

/** What metrics are told from. */
export interface MetricsSource {
  readonly version: string;
  readonly runtime: { readonly name: string; readonly version: string };
  readonly isReady: boolean;
  readonly running: RunningConfig;
  readonly reloads: ReloadCounts;
  readonly workerCount: number;
  readonly board: Board;
  readonly discovery: Pick<Discovery, "statusOf">;
  readonly storage: StorageStatus;
  /** How it stands with the other nodes; null without a cluster. */
  readonly cluster: ClusterStatus | null;
  /** What became of spans; undefined where nothing is traced. */
  readonly spans: SpanCounts | undefined;
  /** Wall clock, ms since 1970. */
  readonly nowMs: number;
}

/** A server and its row. */
export interface MeasuredServer {
  readonly upstream: string;
  readonly server: string;
  readonly row: number;
}

/** Every server of the running configuration. */
export function serversIn({ running: { snapshot } }: MetricsSource): MeasuredServer[] {
  const { config, rows } = snapshot;
  return Object.entries(config.upstreams).flatMap(([upstream, { servers }]) =>
    servers.map(({ name }) => ({ upstream, server: name, row: rows[upstream]?.[name] ?? 0 })),
  );
}
