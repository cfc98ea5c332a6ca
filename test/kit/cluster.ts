import type { ClusterStatus } from "../../src/control/cluster/cluster-status.ts";
import { eventually } from "./eventually.ts";
import { type ProgramOptions, type RunningProxy, startProxy } from "./start-proxy.ts";
import type { TestRedis } from "./start-redis.ts";
import type { Teardown } from "./teardown.ts";

/** A node of a cluster, in a process of its own. */
export interface TestNode extends RunningProxy {
  readonly name: string;
  readonly status: () => Promise<NodeStatus>;
  readonly cluster: () => Promise<ClusterStatus>;
  /** The value of a metric without labels. */
  readonly metric: (name: string) => Promise<number>;
}

/** What tests look at of the status. */
export interface NodeStatus {
  readonly cluster: ClusterStatus;
  readonly upstreams: readonly {
    readonly servers: readonly {
      readonly name: string;
      readonly state: string;
      readonly weight: number;
      readonly inflight: number;
      readonly requests: number;
    }[];
  }[];
}

/** How often the nodes of tests exchange, ms. */
export const intervalMs = 200;

/** Starts a node; the configuration needs no `cluster`, and keeps nothing on the disk unless it says so. */
export async function startNode(
  t: Teardown,
  { name, redis, options = {} }: { name: string; redis: Pick<TestRedis, "url">; options?: ProgramOptions },
  config: Readonly<Record<string, unknown>>,
): Promise<TestNode> {
  const { cluster = {}, ...rest } = config;
  const own = { store: redis.url, node: name, interval: `${intervalMs}ms`, ...(cluster as object) };
  const proxy = await startProxy(
    t,
    { storage: false, accessLog: { format: "off" }, ...rest, cluster: own },
    options,
  );
  const ask = async (path: string): Promise<Response> => fetch(`${proxy.adminUrl}${path}`);
  const status = async (): Promise<NodeStatus> => (await (await ask("/api/status")).json()) as NodeStatus;
  return {
    ...proxy,
    name,
    status,
    cluster: async () => (await status()).cluster,
    async metric(wanted) {
      const text = await (await ask("/metrics")).text();
      return Number(new RegExp(`^${wanted} (\\S+)$`, "m").exec(text)?.[1]);
    },
  };
}

/** Waits until each node sees all others alive. */
export async function joined(...nodes: readonly TestNode[]): Promise<void> {
  for (const node of nodes) {
    await eventually(async () => {
      const { nodes: others } = await node.cluster();
      return others.filter(({ isAlive }) => isAlive).length === nodes.length - 1;
    }, 10_000);
  }
}
