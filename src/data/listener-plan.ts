import { memoise } from "../http/memoise.ts";
import { createHash } from "node:crypto";

import { parseBind } from "../config/bind.ts";
import type { ListenerConfig } from "../config/config.ts";
import { createCidrSet } from "../http/address/cidr-set.ts";
import type { Host } from "../runtime/host.ts";
import type { HostListener, ListenTls, RequestHandler } from "../runtime/listener.ts";
import type { Arrival } from "./exchange/arrival.ts";
import { toListenTls } from "./listener-tls.ts";
import type { Snapshot } from "./snapshot.ts";

/** Ports that were 0 in the configuration and are known by now, by listener. */
export type Ports = Readonly<Record<string, number>>;

/** What is known of a listener before it is opened. */
export interface ListenerPlan {
  readonly name: string;
  readonly config: ListenerConfig;
  readonly port: number;
  readonly tls: ListenTls | undefined;
  /** Two plans with the same key are served by the same listener. */
  readonly key: string;
}

/** What is to be opened for a snapshot. */
export function plansOf({ config, files }: Snapshot, ports: Ports): readonly ListenerPlan[] {
  return Object.entries(config.listeners).map(([name, listener]) => {
    const tls = listener.tls && toListenTls(listener.tls, files);
    return {
      name,
      config: listener,
      port: ports[name] ?? parseBind(listener.bind)?.port ?? 0,
      tls,
      key: keyOf([listener.bind, listener.http2, listener.idleTimeout, tls]),
    };
  });
}

/** A digest, so that no private key stands in yet another place. */
function keyOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

/** Every worker opens every port; that nobody else has it was proven before the first of them did. */
export function openListener(
  { config, port, tls }: ListenerPlan,
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
    ...(tls && { tls }),
    handle,
  });
}

/** What requests that come in by a listener bring along. */
export function arrivalOf(name: string, config: ListenerConfig): Arrival {
  return {
    listener: name,
    scheme: config.tls ? "https" : "http",
    isTrusted: memoise(1024, createCidrSet(config.trustedProxies)),
    hasTrusted: config.trustedProxies.length > 0,
  };
}
