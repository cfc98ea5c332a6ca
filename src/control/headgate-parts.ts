import type { Board } from "../board/board.ts";
import type { Host } from "../runtime/host.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Crew } from "./workers/crew.ts";
import type { Discovery } from "./discovery/discovery.ts";
import type { HealthSupervisor } from "./health/supervisor.ts";
import type { Log } from "./log.ts";
import type { Overrides } from "./servers/overrides.ts";
import type { ConfigSource } from "./configuration/read-config.ts";
import type { Reloader } from "./configuration/reloader.ts";
import type { ServerRows } from "./servers/server-rows.ts";
import type { SpanExporter } from "./tracing/exporter.ts";
import type { Keeper } from "./storage/keeper.ts";

/** What a running Headgate is made of. */
export interface HeadgateParts {
  readonly host: Host;
  readonly log: Log;
  readonly source: ConfigSource;
  readonly watch?: boolean;
  readonly board: Board;
  /** The memory that the board was opened on. */
  readonly memory: SharedArrayBuffer;
  readonly rows: ServerRows;
  readonly health: HealthSupervisor;
  readonly discovery: Discovery;
  readonly crew: Crew;
  readonly reloader: Reloader;
  readonly overrides: Overrides;
  readonly keeper: Keeper;
  readonly exporter: SpanExporter;
  /** The other nodes; undefined where there are none. */
  readonly cluster: Cluster | undefined;
}
