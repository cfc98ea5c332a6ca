import type {
  EndpointSlice,
  Gateway,
  GatewayClass,
  HttpRoute,
  Namespace,
  ReferenceGrant,
  Secret,
  Service,
} from "./objects.ts";

/** What is known of a cluster at a moment: all that routing depends on. Keys are `namespace/name`. */
export interface Cluster {
  readonly classes: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly routes: readonly HttpRoute[];
  readonly grants: readonly ReferenceGrant[];
  readonly services: ReadonlyMap<string, Service>;
  /** By the Service that they belong to. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
}
