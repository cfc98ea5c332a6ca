import type { Cluster } from "./watch/cluster.ts";
import type { Address } from "./gateway-fault.ts";

/** Where a Service, `namespace/name`, is reached: by the addresses of its load balancer, else within the cluster. */
export function addressesOf({ services }: Cluster, service: string | undefined): Address[] {
  const found = services.get(service ?? "");
  if (found === undefined) return [];
  const balanced = found.status.loadBalancer.ingress.flatMap(({ ip, hostname }): Address[] => {
    if (ip !== undefined) return [{ type: "IPAddress", value: ip }];
    return hostname === undefined ? [] : [{ type: "Hostname", value: hostname }];
  });
  const { clusterIP } = found.spec;
  const isInside = balanced.length === 0 && clusterIP !== "" && clusterIP !== "None";
  return isInside ? [{ type: "IPAddress", value: clusterIP }] : balanced;
}
