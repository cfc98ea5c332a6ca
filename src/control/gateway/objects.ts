import * as v from "valibot";

import { routeRulesSchema } from "./routes/route-rule.ts";

/** The API group of Gateway, HTTPRoute and ReferenceGrant. */
export const gatewayGroup = "gateway.networking.k8s.io";

/** The label by which an EndpointSlice says whose endpoints it holds. */
export const serviceNameLabel = "kubernetes.io/service-name";

const labels = v.nullish(v.record(v.string(), v.string()), {});

const metadata = v.object({
  name: v.string(),
  namespace: v.optional(v.string(), ""),
  uid: v.optional(v.string(), ""),
  generation: v.optional(v.number(), 0),
  creationTimestamp: v.nullish(v.string(), ""),
  labels,
});

const gatewayClass = v.object({
  metadata,
  spec: v.object({ controllerName: v.string(), parametersRef: v.optional(v.unknown()) }),
  status: v.optional(v.unknown()),
});

const reference = {
  group: v.optional(v.string(), ""),
  kind: v.optional(v.string(), "Secret"),
  namespace: v.optional(v.string()),
  name: v.string(),
};

const listenerTls = v.object({
  mode: v.optional(v.string(), "Terminate"),
  certificateRefs: v.optional(v.array(v.object(reference)), []),
  options: v.optional(v.record(v.string(), v.unknown()), {}),
  frontendValidation: v.optional(v.unknown()),
});

const selector = v.object({
  matchLabels: v.optional(v.record(v.string(), v.string()), {}),
  matchExpressions: v.optional(
    v.array(v.object({ key: v.string(), operator: v.string(), values: v.optional(v.array(v.string()), []) })),
    [],
  ),
});

const allowedRoutes = v.object({
  namespaces: v.optional(
    v.object({ from: v.optional(v.string(), "Same"), selector: v.optional(selector) }),
    {},
  ),
  kinds: v.optional(v.array(v.object({ group: v.optional(v.string(), gatewayGroup), kind: v.string() })), []),
});

const listener = v.object({
  name: v.string(),
  hostname: v.optional(v.string(), ""),
  port: v.number(),
  protocol: v.string(),
  tls: v.optional(listenerTls),
  allowedRoutes: v.optional(allowedRoutes, {}),
});

const gateway = v.object({
  metadata,
  spec: v.object({
    gatewayClassName: v.string(),
    listeners: v.optional(v.array(listener), []),
    addresses: v.optional(v.array(v.unknown()), []),
    tls: v.optional(v.unknown()),
    infrastructure: v.optional(v.object({ parametersRef: v.optional(v.unknown()) })),
  }),
  status: v.optional(v.unknown()),
});

const parentRef = v.object({
  group: v.optional(v.string(), gatewayGroup),
  kind: v.optional(v.string(), "Gateway"),
  namespace: v.optional(v.string()),
  name: v.string(),
  sectionName: v.optional(v.string()),
  port: v.optional(v.number()),
});

const httpRoute = v.object({
  metadata,
  spec: v.object({
    parentRefs: v.optional(v.array(parentRef), []),
    hostnames: v.optional(v.array(v.string()), []),
    rules: routeRulesSchema,
  }),
  status: v.optional(v.unknown()),
});

const referenceGrant = v.object({
  metadata,
  spec: v.object({
    from: v.array(v.object({ group: v.string(), kind: v.string(), namespace: v.string() })),
    to: v.array(v.object({ group: v.string(), kind: v.string(), name: v.optional(v.string(), "") })),
  }),
});

const servicePort = v.object({
  name: v.optional(v.string(), ""),
  port: v.number(),
  appProtocol: v.optional(v.string(), ""),
});

const ingressPoint = v.object({ ip: v.optional(v.string()), hostname: v.optional(v.string()) });

const service = v.object({
  metadata,
  spec: v.object({
    type: v.optional(v.string(), "ClusterIP"),
    clusterIP: v.optional(v.string(), ""),
    ports: v.optional(v.array(servicePort), []),
    ipFamilies: v.optional(v.array(v.string()), []),
  }),
  status: v.optional(
    v.object({ loadBalancer: v.optional(v.object({ ingress: v.optional(v.array(ingressPoint), []) }), {}) }),
    {},
  ),
});

const flag = v.nullish(v.boolean());

const endpoint = v.object({
  addresses: v.array(v.string()),
  conditions: v.optional(v.object({ ready: flag, serving: flag, terminating: flag }), {}),
  targetRef: v.optional(v.object({ kind: v.optional(v.string(), ""), name: v.optional(v.string(), "") })),
});

const endpointSlice = v.object({
  metadata,
  addressType: v.optional(v.string(), "IPv4"),
  endpoints: v.nullish(v.array(endpoint), []),
  ports: v.nullish(v.array(v.object({ name: v.nullish(v.string(), ""), port: v.nullish(v.number()) })), []),
});

const secret = v.object({
  metadata,
  type: v.optional(v.string(), ""),
  data: v.optional(
    v.object({ "tls.crt": v.optional(v.string(), ""), "tls.key": v.optional(v.string(), "") }),
  ),
});

const namespace = v.object({ metadata });

/** What is read of each kind of object; the rest of an object is nobody's concern here. */
export const objectSchemas = {
  GatewayClass: gatewayClass,
  Gateway: gateway,
  HTTPRoute: httpRoute,
  ReferenceGrant: referenceGrant,
  Service: service,
  EndpointSlice: endpointSlice,
  Secret: secret,
  Namespace: namespace,
} as const;

/** A kind of object that routing depends on. */
export type Kind = keyof typeof objectSchemas;

/** An object of a kind, as far as it is read. */
export type ObjectOf<K extends Kind> = v.InferOutput<(typeof objectSchemas)[K]>;

export type GatewayClass = ObjectOf<"GatewayClass">;
export type Gateway = ObjectOf<"Gateway">;
/** One entry of a Gateway's list of listeners. */
export type ListenerSpec = Gateway["spec"]["listeners"][number];
export type HttpRoute = ObjectOf<"HTTPRoute">;
/** The place that an HTTPRoute wants to be attached to. */
export type ParentRef = HttpRoute["spec"]["parentRefs"][number];
export type ReferenceGrant = ObjectOf<"ReferenceGrant">;
export type Service = ObjectOf<"Service">;
export type EndpointSlice = ObjectOf<"EndpointSlice">;
export type Secret = ObjectOf<"Secret">;
export type Namespace = ObjectOf<"Namespace">;

/** An object that was read, or why it could not be. */
export type ReadObject<K extends Kind> = { readonly object: ObjectOf<K> } | { readonly fault: string };

/** Reads an object of the API. Whatever else the object holds is left out. */
export function readObject<K extends Kind>(kind: K, value: unknown): ReadObject<K> {
  const result = v.safeParse(objectSchemas[kind], value);
  return result.success ? { object: result.output } : { fault: describeIssue(result.issues[0]) };
}

/** What is wrong with a value, and where in it. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

/** `namespace/name`, by which objects are kept and called. */
export function keyOf({ metadata: { namespace: space, name } }: Pick<Namespace, "metadata">): string {
  return `${space}/${name}`;
}
