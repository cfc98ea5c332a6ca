import { isIPv4, isIPv6 } from "node:net";
import { authorityOf } from "../../config/authority.ts";
import { isDnsName } from "../../config/dns-name.ts";
import type { KubernetesObject } from "../kubernetes/kubernetes-object.ts";
import type { FoundServer } from "./found-server.ts";

/** What EndpointSlices say of a Service's servers. */
export interface SliceFindings {
  readonly servers: readonly FoundServer[];
  /** Why there are none, where the slices have endpoints that cannot be used. */
  readonly fault?: string;
}

/** A server of a pod, or of an endpoint that is none. */
interface Endpoint {
  /** The same for one pod by all of its addresses. */
  readonly key: string;
  readonly name: string;
  readonly address: string;
  readonly state: "up" | "draining" | "out";
}

/**
 * Reads the servers of a Service out of all its EndpointSlices (discovery.k8s.io/v1). The objects were not looked at yet, and
 * whatever of them makes no sense is passed over.
 *
 * An endpoint that is ready is up; one that serves while it terminates is drained; all others are out. A pod is one server,
 * though it may stand in several slices: once for each family of its addresses, and for a while twice in one family.
 */
export function findInSlices(slices: readonly KubernetesObject[], port: string | number): SliceFindings {
  const byPod = new Map<string, FoundServer>();
  const inFamilyOrder = slices.toSorted((a, b) => compare(familyOf(a), familyOf(b)));
  for (const slice of inFamilyOrder) {
    const number = portIn(slice, port);
    if (number === undefined) continue;
    for (const endpoint of endpointsIn(slice)) addEndpoint(byPod, endpoint, number);
  }
  const endpoints = slices.flatMap((slice) => endpointsIn(slice));
  if (endpoints.length === 0 || slices.some((slice) => portIn(slice, port) !== undefined))
    return { servers: [...byPod.values()] };
  return { servers: [], fault: `its pods have no port ${port}, but ${describePorts(slices)}` };
}

/** No words can be made of some objects, such as one whose `toString` is a number. */
function familyOf({ addressType }: KubernetesObject): string {
  return typeof addressType === "string" ? addressType : "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function addEndpoint(byPod: Map<string, FoundServer>, endpoint: Endpoint, port: number): void {
  const { key, name, address, state } = endpoint;
  if (state === "out") return;
  const known = byPod.get(key);
  if (known && (known.weight > 0 || state !== "up")) return;
  byPod.set(key, {
    name: name === "" ? authorityOf({ address, port }) : name,
    address,
    port,
    weight: state === "up" ? 1 : 0,
    backup: false,
  });
}

type Block = Readonly<Record<string, unknown>>;

function blocksIn(value: unknown): readonly Block[] {
  return Array.isArray(value)
    ? value.filter((item): item is Block => typeof item === "object" && item !== null)
    : [];
}

function portIn(slice: KubernetesObject, wanted: string | number): number | undefined {
  const found = portsOf(slice).find(({ name, port }) =>
    typeof wanted === "number" ? port === wanted : name === wanted,
  );
  return found?.port;
}

interface SlicePort {
  /** "" where the Service has one port only, and has not named it. */
  readonly name: string;
  readonly port: number;
}

function portsOf(slice: KubernetesObject): SlicePort[] {
  return blocksIn(slice["ports"]).flatMap(({ name, port, protocol = "TCP" }) => {
    const isPort = Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
    return isPort && protocol === "TCP"
      ? [{ name: typeof name === "string" ? name : "", port: Number(port) }]
      : [];
  });
}

function describePorts(slices: readonly KubernetesObject[]): string {
  const names = slices.flatMap((slice) =>
    portsOf(slice).map(({ name, port }) => (name ? `${name} (${port})` : `${port}`)),
  );
  return names.length === 0 ? "none at all" : [...new Set(names)].slice(0, 8).join(", ");
}

function endpointsIn(slice: KubernetesObject): Endpoint[] {
  const isAddress = slice["addressType"] === "IPv6" ? isIPv6 : isIPv4;
  return blocksIn(slice["endpoints"]).flatMap(({ addresses, conditions, targetRef }) => {
    const address: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
    if (typeof address !== "string" || !isAddress(address)) return [];
    const { name, key } = podOf(targetRef);
    return [{ key: key || address, name, address, state: stateOf(conditions) }];
  });
}

function podOf(target: unknown): { readonly name: string; readonly key: string } {
  const { kind, name, uid } = (target ?? {}) as Block;
  if (kind !== "Pod" || typeof name !== "string" || !isDnsName(name)) return { name: "", key: "" };
  return { name, key: typeof uid === "string" ? `${name} ${uid}` : name };
}

/** What is not said of readiness is a yes, and what is not said of serving is as readiness is (the API's own words). */
function stateOf(conditions: unknown): Endpoint["state"] {
  const { ready, serving, terminating } = (conditions ?? {}) as Block;
  if (ready !== false) return "up";
  return serving === true && terminating === true ? "draining" : "out";
}
