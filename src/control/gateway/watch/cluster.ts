import {
  type EndpointSlice,
  type Gateway,
  type GatewayClass,
  type HttpRoute,
  type Kind,
  keyOf,
  type Namespace,
  type ObjectOf,
  type ReferenceGrant,
  type Secret,
  type Service,
  serviceNameLabel,
} from "../objects.ts";

/** Finds an object, or objects, by a key. */
export type Lookup<T> = Pick<ReadonlyMap<string, T>, "get">;

/** What is known of a cluster at a moment: all that routing depends on. Keys are `namespace/name`. */
export interface Cluster {
  readonly classes: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly routes: readonly HttpRoute[];
  readonly grants: readonly ReferenceGrant[];
  readonly services: Lookup<Service>;
  /** By the Service that they belong to. */
  readonly slices: Lookup<readonly EndpointSlice[]>;
  readonly secrets: Lookup<Secret>;
  /** By name. */
  readonly namespaces: Lookup<Namespace>;
}

/** Gathers what is known of a cluster from all objects of each kind. */
export function gatherCluster(all: <K extends Kind>(kind: K) => readonly ObjectOf<K>[]): Cluster {
  return {
    classes: all("GatewayClass"),
    gateways: all("Gateway"),
    routes: all("HTTPRoute"),
    grants: all("ReferenceGrant"),
    services: byKey(all("Service")),
    slices: Map.groupBy(all("EndpointSlice"), ownerOf),
    secrets: byKey(all("Secret")),
    namespaces: new Map(all("Namespace").map((object) => [object.metadata.name, object])),
  };
}

function byKey<T extends Pick<EndpointSlice, "metadata">>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/** `namespace/name` of the Service that a slice belongs to. */
function ownerOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ""}`;
}
