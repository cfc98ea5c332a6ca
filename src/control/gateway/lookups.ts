import type { Cluster, Lookup } from "./watch/cluster.ts";

/** A cluster whose readers are watched, and whether they would read the same in another. */
export interface NotedCluster {
  readonly cluster: Cluster;
  /** Whether all that was looked up stands there as it did. */
  readonly readsAlike: (later: Cluster) => boolean;
}

const lists = ["classes", "gateways", "routes", "grants"] as const;
const maps = ["services", "slices", "secrets", "namespaces"] as const;

/**
 * Notes what is looked up in a cluster. Most of what happens in one concerns Services and endpoints that no route leads to:
 * with this nobody need translate everything anew for their sake.
 */
export function noteLookups(cluster: Cluster): NotedCluster {
  const noted = {
    services: note(cluster.services),
    slices: note(cluster.slices),
    secrets: note(cluster.secrets),
    namespaces: note(cluster.namespaces),
  };
  const readsAlike = (later: Cluster): boolean =>
    lists.every((name) => areAlike(cluster[name], later[name])) &&
    maps.every((name) =>
      noted[name].keys().every((key) => areAlike(cluster[name].get(key), later[name].get(key))),
    );
  return { cluster: { ...cluster, ...noted }, readsAlike };
}

/** A map that remembers what it was asked for. */
type Noted<T> = Lookup<T> & { readonly keys: () => readonly string[] };

function note<T>(map: Lookup<T>): Noted<T> {
  const keys = new Set<string>();
  return {
    get(key) {
      keys.add(key);
      return map.get(key);
    },
    keys: () => [...keys],
  };
}

/** Whether two are one, or lists of the same. */
function areAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((item, index) => item === other[index]);
}
