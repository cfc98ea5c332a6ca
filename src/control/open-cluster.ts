import { hostname } from "node:os";
import type { Board } from "../board/board.ts";
import type { Host } from "../runtime/host.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { HealthSupervisor } from "./health/supervisor.ts";
import type { Log } from "./log.ts";
import type { Overrides } from "./servers/overrides.ts";
import type { ReadConfig } from "./configuration/read-config.ts";
import type { Reloader } from "./configuration/reloader.ts";
import { applyOverride, type OrderTools } from "./servers/server-orders.ts";
import type { Keeper } from "./storage/keeper.ts";

/** What a node has before it joins. */
export interface ClusterParts {
  readonly host: Host;
  readonly log: Log;
  readonly board: Board;
  readonly keeper: Keeper;
  readonly overrides: Overrides;
}

/** Joins the cluster that the configuration wants, and gives the secret of sticky cookies that all of its nodes use. */
export async function joinCluster(
  { config, files }: ReadConfig,
  { keeper, overrides, ...parts }: ClusterParts,
): Promise<{ readonly cluster: Cluster | undefined; readonly stickySecret: string }> {
  const own = keeper.stickySecret();
  if (config.cluster === undefined) return { cluster: undefined, stickySecret: own };
  const { ca, cert, key } = config.cluster.tls;
  const textOf = (file: string): string => files[file] ?? "";
  const cluster = new Cluster({
    ...parts,
    config: config.cluster,
    hostname: hostname(),
    tls: { ca: textOf(ca), cert: textOf(cert), key: textOf(key) },
    orders: {
      overrides,
      marks: keeper.orderMarks(),
      keepMarks: (marks) => keeper.keepOrderMarks(marks),
      obey(name, override) {
        keeper.keepOverride(name, override); // nothing runs yet that it could be told
        overrides.set(name, override);
      },
    },
  });
  const stickySecret = await cluster.join(own);
  if (stickySecret !== own) keeper.keepStickySecret(stickySecret);
  return { cluster, stickySecret };
}

/** What a node has once it runs. */
export interface RunningParts extends ClusterParts {
  readonly health: HealthSupervisor;
  readonly reloader: Reloader;
  readonly cluster: Cluster | undefined;
}

/** Begins to exchange with the other nodes; from now on what they say is done at once. */
export function beginCluster(parts: RunningParts, followServers: () => void): void {
  const { keeper, overrides, health, reloader, cluster } = parts;
  const toolsWith = (keep: OrderTools["keep"]): OrderTools => {
    return { running: reloader.running, health, overrides, keep };
  };
  cluster?.begin({
    health,
    secret: reloader.running.snapshot.stickySecret,
    adopt: (secret) => void adopt(secret, parts, followServers),
    obey(name, override) {
      applyOverride(
        name,
        override,
        toolsWith((...kept) => keeper.keepOverride(...kept)),
      );
    },
  });
  if (!cluster) return;
  for (const said of overrides.entries())
    applyOverride(
      ...said,
      toolsWith(() => true),
    ); // some came just now
}

/** Signs sticky cookies with the secret of the other nodes. */
async function adopt(
  secret: string,
  { reloader, keeper, log }: RunningParts,
  followServers: () => void,
): Promise<void> {
  try {
    await reloader.replaceStickySecret(secret);
    keeper.keepStickySecret(secret);
    followServers();
  } catch (error) {
    log.error("cannot use the cluster's sticky secret", { reason: String(error) });
  }
}
