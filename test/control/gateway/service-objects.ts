import type { ApiObject } from "./read-cluster.ts";

/** A Service and the endpoints behind it. */
export interface ServiceOptions {
  /** `namespace/name`, or a name in `default`. */
  readonly name: string;
  readonly port?: number;
  readonly appProtocol?: string;
  readonly type?: string;
  /** `address:port`; all of one port. */
  readonly endpoints?: readonly string[];
}

/** The objects of a Service whose endpoints are ready. */
export function serviceObjects(options: ServiceOptions): ApiObject[] {
  const [name = "", namespace = "default"] = options.name.split("/").toReversed();
  const { port = 8080, type = "ClusterIP", appProtocol } = options;
  const ports = [{ name: "http", port, ...(appProtocol && { appProtocol }) }];
  return [
    { kind: "Service", metadata: { name, namespace }, spec: { type, ports } },
    sliceObject(name, namespace, options.endpoints ?? []),
  ];
}

function sliceObject(name: string, namespace: string, endpoints: readonly string[]): ApiObject {
  const places = endpoints.map((endpoint) => new URL(`http://${endpoint}`));
  return {
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${places[0]?.port}`,
      namespace,
      labels: { "kubernetes.io/service-name": name },
    },
    addressType: "IPv4",
    ports: [{ name: "http", port: Number(places[0]?.port ?? 1) }],
    endpoints: places.map(({ hostname }) => ({ addresses: [hostname], conditions: { ready: true } })),
  };
}
