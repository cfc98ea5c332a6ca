import { type FoundCertificates, findCertificates, type SecretCertificate } from "./certificates.ts";
import type { Cluster } from "./watch/cluster.ts";
import { type Condition, isMet, met, unmet } from "./status/condition.ts";
import { isHostname } from "./hostnames.ts";
import { type Gateway, gatewayGroup, type ListenerSpec } from "./objects.ts";

/** A kind of routes, as the API names it. */
export interface RouteKind {
  readonly group: string;
  readonly kind: string;
}

/** A listener of a Gateway, looked at by itself. */
export interface GatewayListener {
  readonly gateway: Gateway;
  readonly spec: ListenerSpec;
  /** The kinds of routes that it takes and we know. */
  readonly kinds: readonly RouteKind[];
  readonly certificates: readonly SecretCertificate[];
  /** Accepted and ResolvedRefs. */
  readonly conditions: readonly Condition[];
  /** Whether it could be opened. */
  readonly isUsable: boolean;
}

/** What listeners are looked at with. */
export interface ListenerScope {
  readonly cluster: Cluster;
  /** Ports that cannot be opened, and why. */
  readonly refusedPorts: ReadonlyMap<number, string>;
}

/** Looks at a listener, apart from the others. */
export function judgeListener(gateway: Gateway, spec: ListenerSpec, scope: ListenerScope): GatewayListener {
  const found = findCertificates(spec, gateway, scope.cluster);
  const kinds = routeKinds.filter(({ kind, group }) => takesKind(spec, kind, group));
  const conditions = [judgeAcceptance(gateway, spec, scope), judgeRefs(spec, found)];
  return {
    gateway,
    spec,
    kinds,
    certificates: found.certificates,
    conditions,
    isUsable: isMet(conditions, "Accepted") && (spec.protocol === "HTTP" || found.certificates.length > 0),
  };
}

/** The protocols that a listener may speak, and the schemes that they are. */
export const schemes: ReadonlyMap<string, "http" | "https"> = new Map([
  ["HTTP", "http"],
  ["HTTPS", "https"],
]);

/** The kinds of routes that there are, for us. */
const routeKinds: readonly RouteKind[] = [{ group: gatewayGroup, kind: "HTTPRoute" }];

function takesKind({ allowedRoutes: { kinds } }: ListenerSpec, kind: string, group: string): boolean {
  return kinds.length === 0 || kinds.some((one) => one.kind === kind && one.group === group);
}

function judgeAcceptance(gateway: Gateway, spec: ListenerSpec, scope: ListenerScope): Condition {
  if (!schemes.has(spec.protocol))
    return unmet("Accepted", "UnsupportedProtocol", `${spec.protocol} is not spoken: HTTP and HTTPS are`);
  const unavailable = portFault(spec.port) ?? scope.refusedPorts.get(spec.port);
  if (unavailable !== undefined) return unmet("Accepted", "PortUnavailable", unavailable);
  const unsupported = findUnsupported(gateway, spec);
  return unsupported === undefined
    ? met("Accepted", "The listener is taken in.")
    : unmet("Accepted", "UnsupportedValue", unsupported);
}

function portFault(port: number): string | undefined {
  return Number.isInteger(port) && port > 0 && port < 65_536 ? undefined : `${port} is no port`;
}

/** What asks for more protection, or for another kind of it, than there would be. */
function findUnsupported(gateway: Gateway, spec: ListenerSpec): string | undefined {
  const { hostname, protocol, tls } = spec;
  if (hostname !== "" && !isHostname(hostname)) return `${JSON.stringify(hostname)} is no host name`;
  if (protocol === "HTTP") return tls === undefined ? undefined : "tls is for the protocol HTTPS";
  if (tls === undefined) return "HTTPS needs tls with certificateRefs";
  const hasOther = gateway.spec.tls !== undefined || tls.frontendValidation !== undefined;
  return hasOther ? "tls of Gateways and frontendValidation are not supported" : findUnsupportedTls(tls);
}

function findUnsupportedTls({ mode, options }: NonNullable<ListenerSpec["tls"]>): string | undefined {
  if (mode !== "Terminate") return `the TLS mode ${mode} is not supported: Terminate is`;
  return Object.keys(options).length > 0 ? "tls.options are not supported" : undefined;
}

function judgeRefs({ allowedRoutes, protocol, tls }: ListenerSpec, { faults }: FoundCertificates): Condition {
  const [fault] = faults;
  if (fault !== undefined) return { ...fault, message: faults.map(({ message }) => message).join("; ") };
  if (protocol === "HTTPS" && tls?.certificateRefs.length === 0)
    return unmet("ResolvedRefs", "InvalidCertificateRef", "tls names no certificate");
  const unknown = allowedRoutes.kinds.filter(
    ({ group, kind }) => !routeKinds.some((known) => known.kind === kind && known.group === group),
  );
  if (unknown.length === 0) return met("ResolvedRefs", "All that the listener refers to is there.");
  const named = unknown.map(({ kind }) => kind).join(", ");
  return unmet(
    "ResolvedRefs",
    "InvalidRouteKinds",
    `routes of the kind ${named} are not known: HTTPRoute is`,
  );
}
