import type {
  EndpointSlice,
  Gateway,
  GatewayClass,
  HttpRoute,
  Namespace,
  ReferenceGrant,
  Secret,
  Service,
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
