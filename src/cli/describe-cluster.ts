import type { ClusterView } from "./read-status.ts";

/** The other nodes in a line; "" without a cluster. */
export function describeCluster(cluster: ClusterView | null): string {
  if (cluster === null) return "";
  const { node, connected, error, nodes } = cluster;
  if (!connected)
    return `node ${node} goes on alone: the store cannot be used: ${error ?? "not asked yet"}\n`;
  const others = nodes.map(
    ({ name, lastSeenMs, isAlive }) =>
      `${name} (${isAlive ? "" : "gone, "}${(lastSeenMs / 1000).toFixed(1)} s ago)`,
  );
  return `node ${node} with ${others.length === 0 ? "nobody else" : others.join(", ")}\n`;
}
