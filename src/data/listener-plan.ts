import { parseBind } from "../config/bind.ts";
import type { ListenerConfig } from "../config/config.ts";
import { createCidrSet } from "../http/cidr-set.ts";
import type { Host, HostListener, RequestHandler } from "../runtime/host.ts";
import type { Arrival } from "./exchange/arrival.ts";
import type { Snapshot } from "./snapshot.ts";

/** Ports that were 0 in the configuration and are known by now, by listener. */
export type Ports = Readonly<Record<string, number>>;

/** What is known of a listener before it is opened. */
export interface ListenerPlan {
  readonly name: string;
  readonly config: ListenerConfig;
  readonly port: number;
  readonly key: string;
}

/** What is to be opened for a snapshot. */
export function plansOf({ config }: Snapshot, ports: Ports): readonly ListenerPlan[] {
  return Object.entries(config.listeners).map(([name, listener]) => ({
    name,
    config: listener,
    port: ports[name] ?? parseBind(listener.bind)?.port ?? 0,
    key: JSON.stringify([listener.bind, listener.http2, listener.idleTimeout]),
  }));
}

/** Every worker opens every port; that nobody else has it was proven before the first of them did. */
export function openListener(
  { config, port }: ListenerPlan,
  handle: RequestHandler,
  host: Host,
): HostListener {
  const hostname = parseBind(config.bind)?.hostname;
  return host.listen({
    hostname: hostname === "" ? undefined : hostname,
    port,
    isShared: true,
    http2: config.http2,
    idleTimeoutMs: config.idleTimeout,
    handle,
  });
}

/** What requests that come in by a listener bring along. */
export function arrivalOf(name: string, config: ListenerConfig): Arrival {
  return {
    listener: name,
    scheme: config.tls ? "https" : "http",
    isTrusted: createCidrSet(config.trustedProxies),
    hasTrusted: config.trustedProxies.length > 0,
  };
}
