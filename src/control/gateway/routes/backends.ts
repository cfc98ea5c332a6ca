import { isIP } from "node:net";

import { type Condition, unmet } from "../status/condition.ts";
import type { Cluster } from "../watch/cluster.ts";
import type { EndpointSlice, Service } from "../objects.ts";
import { isPermitted } from "../reference-grants.ts";
import type { BackendTarget } from "./route-rule.ts";

/** A server in the words of the configuration. */
export interface ServerValue {
  readonly url: string;
  readonly name: string;
  readonly weight: number;
}

/** What a reference to a backend leads to. */
export type Backend =
  /** Servers; none of them where none is ready. */
  | { readonly name: string; readonly servers: readonly ServerValue[] }
  /** Nothing that requests may be sent to: they get 500. */
  | { readonly fault: Condition };

/** Follows a reference to a Service and to the endpoints behind it. */
export function resolveBackend(ref: BackendTarget, namespace: string, cluster: Cluster): Backend {
  const { group, kind, name } = ref;
  if (group !== "" || kind !== "Service") {
    return faultOf(
      "InvalidKind",
      `a backend of the kind ${JSON.stringify(kind)} of ${JSON.stringify(group)} is not known`,
    );
  }
  const to = { kind, namespace: ref.namespace ?? namespace, name } as const;
  const key = `${to.namespace}/${name}`;
  if (!isPermitted({ from: { kind: "HTTPRoute", namespace }, to }, cluster.grants)) {
    return faultOf(
      "RefNotPermitted",
      `no ReferenceGrant of ${to.namespace} lets HTTPRoutes of ${namespace} refer to the Service ${key}`,
    );
  }
  const service = cluster.services.get(key);
  if (service === undefined) return faultOf("BackendNotFound", `there is no Service ${key}`);
  return ofService(service, ref.port, cluster.slices.get(key) ?? []);
}

function ofService(service: Service, wanted: number | undefined, slices: readonly EndpointSlice[]): Backend {
  const { metadata, spec } = service;
  const called = `the Service ${metadata.namespace}/${metadata.name}`;
  if (spec.type === "ExternalName")
    return faultOf(
      "UnsupportedValue",
      `${called} is an ExternalName: names outside of the cluster are not followed`,
    );
  const port = spec.ports.find((one) => one.port === wanted);
  if (port === undefined)
    return faultOf("BackendNotFound", `${called} has no port ${wanted ?? "without a number"}`);
  if (!spokenProtocols.has(port.appProtocol.toLowerCase()))
    return faultOf(
      "UnsupportedProtocol",
      `${called} speaks ${JSON.stringify(port.appProtocol)} on port ${port.port}: only HTTP/1.1 is spoken to servers`,
    );
  return {
    name: `${metadata.namespace}.${metadata.name}:${port.port}`,
    servers: serversOf(slices, port.name, spec.ipFamilies[0]),
  };
}

/** What a port of a Service may be said to speak; nothing said is HTTP. */
const spokenProtocols = new Set(["", "http", "kubernetes.io/ws"]);

function faultOf(reason: string, message: string): Backend {
  return { fault: unmet("ResolvedRefs", reason, message) };
}

/**
 * The servers that stand in the slices: who is ready takes traffic, who is ending but still serves keeps what it has. A pod
 * with addresses of both families counts once, by the family that the Service names first.
 */
function serversOf(
  slices: readonly EndpointSlice[],
  portName: string,
  family = "IPv4",
): readonly ServerValue[] {
  const isFamily = slices.some((slice) => slice.addressType === family);
  const chosen = isFamily ? slices.filter((slice) => slice.addressType === family) : slices;
  const servers = new Map<string, ServerValue>();
  for (const server of chosen.flatMap((slice) => serversOfSlice(slice, portName))) {
    const known = servers.get(server.url);
    if (known === undefined || known.weight < server.weight) servers.set(server.url, server);
  }
  return withOwnNames(awake([...servers.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1))));
}

/** Where all that is left is ending, those that still serve are better than nobody. */
function awake(servers: readonly ServerValue[]): readonly ServerValue[] {
  if (servers.some(({ weight }) => weight > 0)) return servers;
  return servers.map(({ url, name }) => ({ url, name, weight: 1 }));
}

function serversOfSlice({ endpoints, ports, addressType }: EndpointSlice, portName: string): ServerValue[] {
  const port = ports.find(({ name }) => name === portName)?.port ?? 0;
  if (!Number.isInteger(port) || port < 1 || port > 65_535 || addressType === "FQDN") return [];
  return endpoints.flatMap(({ addresses: [address = ""], conditions, targetRef }) => {
    const weight = weightOf(conditions);
    const family = address.includes("%") ? 0 : isIP(address);
    if (weight === undefined || family === 0) return [];
    const authority = `${family === 6 ? `[${address}]` : address}:${port}`;
    return [{ url: `http://${authority}`, name: nameOf(targetRef?.name) ?? authority, weight }];
  });
}

function nameOf(pod = ""): string | undefined {
  return /^[\w.-]+$/.test(pod) ? pod : undefined;
}

/** 1 for a server that takes requests, 0 for one that is drained, undefined for one that is not there. */
function weightOf({ ready, serving, terminating }: EndpointSlice["endpoints"][number]["conditions"]) {
  if (ready ?? true) return 1;
  return serving === true && terminating === true ? 0 : undefined;
}

/** Two endpoints of one pod are two servers. */
function withOwnNames(servers: readonly ServerValue[]): ServerValue[] {
  const counts = new Map<string, number>();
  for (const { name } of servers) counts.set(name, (counts.get(name) ?? 0) + 1);
  return servers.map((server) =>
    counts.get(server.name) === 1 ? server : { ...server, name: server.url.slice("http://".length) },
  );
}
