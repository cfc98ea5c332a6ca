import type { Resources } from "../../kubernetes/list-resources.ts";
import type { Kind } from "../objects.ts";

/** Where the objects of each kind are, and which of them are wanted. */
export const watchedKinds: Readonly<Record<Kind, Resources>> = {
  GatewayClass: { path: "/apis/gateway.networking.k8s.io/v1/gatewayclasses" },
  Gateway: { path: "/apis/gateway.networking.k8s.io/v1/gateways" },
  HTTPRoute: { path: "/apis/gateway.networking.k8s.io/v1/httproutes" },
  ReferenceGrant: { path: "/apis/gateway.networking.k8s.io/v1beta1/referencegrants" },
  Service: { path: "/api/v1/services" },
  EndpointSlice: { path: "/apis/discovery.k8s.io/v1/endpointslices" },
  Secret: { path: "/api/v1/secrets", fieldSelector: "type=kubernetes.io/tls" },
  Namespace: { path: "/api/v1/namespaces" },
};

/** Where one object is. */
export function pathOfObject(kind: Kind, namespace: string, name: string): string {
  const { path } = watchedKinds[kind];
  if (namespace === "") return `${path}/${name}`;
  const cut = path.lastIndexOf("/");
  return `${path.slice(0, cut)}/namespaces/${namespace}${path.slice(cut)}/${name}`;
}
