import { type Condition, met } from "./status/condition.ts";
import type { GatewayListener } from "./listener.ts";
import { keyOf } from "./objects.ts";

/** A listener that has found its place among the others. */
export interface PlacedListener extends GatewayListener {
  /** Accepted, ResolvedRefs, Conflicted and Programmed. */
  readonly conditions: readonly Condition[];
  /** Whether it is open. */
  readonly isServing: boolean;
}

/**
 * Finds out which listeners stand in each other's way: all Gateways of the class share the same addresses, and a port has one
 * protocol, and on it each host name one listener.
 *
 * Of two in one Gateway neither is served, as nobody can say which was meant. Of two Gateways the first in the list keeps what
 * it has.
 */
export function placeListeners(
  listeners: readonly GatewayListener[],
  hasManyCertificates: boolean,
): PlacedListener[] {
  const served: GatewayListener[] = [];
  return listeners.map((listener) => {
    const siblings = listeners.filter((other) => other !== listener && other.gateway === listener.gateway);
    const conflict =
      findConflict(listener, siblings.filter(isUsable)) ??
      findConflict(
        listener,
        served.filter((other) => other.gateway !== listener.gateway),
      ) ??
      (hasManyCertificates ? undefined : findSecondCertificate(listener, served));
    const isServing = listener.isUsable && conflict === undefined;
    if (isServing) served.push(listener);
    return { ...listener, isServing, conditions: [...listener.conditions, ...fateOf(isServing, conflict)] };
  });
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

function isUsable(listener: GatewayListener): boolean {
  return listener.isUsable;
}

function findConflict({ spec }: GatewayListener, others: readonly GatewayListener[]): Conflict | undefined {
  const onPort = others.filter((other) => other.spec.port === spec.port);
  const speaker = onPort.find((other) => other.spec.protocol !== spec.protocol);
  if (speaker !== undefined) {
    const message = `port ${spec.port} speaks ${speaker.spec.protocol} for ${nameOf(speaker)}`;
    return { reason: "ProtocolConflict", message };
  }
  const namesake = onPort.find((other) => other.spec.hostname === spec.hostname);
  if (namesake === undefined) return undefined;
  const hostname = spec.hostname === "" ? "every host name" : spec.hostname;
  return { reason: "HostnameConflict", message: `${nameOf(namesake)} has ${hostname} on port ${spec.port}` };
}

/** Where a port serves one certificate only, the first listener with another one on that port cannot be served. */
function findSecondCertificate(
  { spec, certificates }: GatewayListener,
  served: readonly GatewayListener[],
): Conflict | undefined {
  const onPort = served.filter((other) => other.spec.port === spec.port);
  const names = new Set(
    [...onPort.flatMap((other) => other.certificates), ...certificates].map(({ cert }) => cert),
  );
  if (names.size < 2) return undefined;
  const message = `this runtime serves one certificate on port ${spec.port}: run Headgate on Bun`;
  return { reason: "CertificateConflict", message };
}

function nameOf({ gateway, spec }: GatewayListener): string {
  return `the listener ${spec.name} of ${keyOf(gateway)}`;
}

function fateOf(isServing: boolean, conflict: Conflict | undefined): Condition[] {
  return [
    conflict === undefined
      ? {
          type: "Conflicted",
          status: "False",
          reason: "NoConflicts",
          message: "No other listener is in its way.",
        }
      : { type: "Conflicted", status: "True", ...conflict },
    isServing
      ? met("Programmed", "The listener is open.")
      : { type: "Programmed", status: "False", reason: "Invalid", message: "The other conditions say why." },
  ];
}
