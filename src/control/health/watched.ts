import type { UpstreamConfig } from "../../config/config.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import { toClientTls } from "../../data/upstream/client-tls.ts";
import type { Host, Timer } from "../../runtime/host.ts";
import type { Client } from "../../runtime/client.ts";
import { type Overrides, resolveOverride, type ServerName } from "../servers/overrides.ts";
import type { ProbeTarget } from "./probe.ts";
import { createHealthRules, newServerHealth } from "./server-health.ts";
import type { ServerHealth, Told } from "./server-health.ts";

/** One server under watch. */
export interface Watched {
  readonly row: number;
  readonly upstream: string;
  readonly name: string;
  /** As configured, or as a person wants it. */
  weight: number;
  config: UpstreamConfig;
  /** Whom probes ask; undefined where nobody probes. */
  readonly target: ProbeTarget | undefined;
  rules: ReturnType<typeof createHealthRules>;
  health: ServerHealth;
  /** What counts of what other nodes found. */
  told: Told;
  timer: Timer | undefined;
}

/** Says what checks found of a server in an earlier life. */
export type Remembered = (
  server: ServerName & { readonly url: string },
) => Pick<ServerHealth, "active" | "passive"> | undefined;

/** What makes the connections of an upstream's probes. */
export interface ProbeClient {
  /** Changes when probes are made in another way. */
  readonly key: string;
  readonly client: Client;
}

/** Those of all upstreams whose servers are probed, by name. */
export type ProbeClients = ReadonlyMap<string, ProbeClient>;

/** What is watched before, and what makes the connections. */
interface WatchTools {
  readonly old: ReadonlyMap<number, Watched>;
  readonly clients: ProbeClients;
  readonly host: Host;
  readonly overrides: Pick<Overrides, "of">;
  readonly remembered: Remembered;
}

/** Lists the servers of a snapshot with what is known of them, and the connections that their probes use. */
export function watchServers(
  snapshot: Snapshot,
  tools: WatchTools,
): { readonly servers: readonly Watched[]; readonly clients: ProbeClients } {
  const clients = new Map<string, ProbeClient>();
  const servers = Object.entries(snapshot.config.upstreams).flatMap(([name, config]) => {
    const client = takeProbeClient(name, snapshot, tools);
    if (client) clients.set(name, client);
    return watchGroup({ name, config, client: client?.client }, snapshot, tools);
  });
  return { servers, clients };
}

/** Every probe makes a connection of its own: an old one proves nothing about new ones. */
function takeProbeClient(
  name: string,
  { config, files }: Snapshot,
  { clients, host }: WatchTools,
): ProbeClient | undefined {
  const upstream = config.upstreams[name];
  if (!upstream?.health.active) return undefined;
  const tls = toClientTls(upstream, files);
  const key = JSON.stringify([upstream.health.active, tls ?? null]);
  const known = clients.get(name);
  return known?.key === key ? known : { key, client: host.createClient({ idleTimeoutMs: 0, tls }) };
}

interface Group {
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly client: Client | undefined;
}

function watchGroup(
  { name, config, client }: Group,
  { rows }: Snapshot,
  { old, host, overrides, remembered }: WatchTools,
): Watched[] {
  const { active } = config.health;
  const rules = createHealthRules(config);
  return config.servers.map((server): Watched => {
    const row = rows[name]?.[server.name] ?? 0;
    const { origin, host: authority } = new URL(server.url);
    const before =
      old.get(row)?.health ?? remembered({ upstream: name, server: server.name, url: server.url });
    const { weight, order } = resolveOverride(overrides.of({ upstream: name, server: server.name }), server);
    const watched: Watched = {
      row,
      upstream: name,
      name: server.name,
      weight,
      config,
      rules,
      target: active && client && { origin, authority, config: active, client },
      health: { ...keptHealth(before, config, host.time.now()), order },
      told: old.get(row)?.told,
      timer: undefined,
    };
    return goOn(old.get(row), watched);
  });
}

/** Where the probes are as before it is the same object, so that the one that is under way or due goes on. */
function goOn(known: Watched | undefined, fresh: Watched): Watched {
  if (!known || known.target?.client !== fresh.target?.client) return fresh;
  const { config, rules, weight, health } = fresh;
  return Object.assign(known, { config, rules, weight, health });
}

/** A check that is no longer configured has no say any more. */
function keptHealth(
  old: Pick<ServerHealth, "active" | "passive"> | undefined,
  { health: { active, passive } }: UpstreamConfig,
  now: number,
): ServerHealth {
  const fresh = newServerHealth(now);
  if (!old) return fresh;
  return {
    active: active ? old.active : fresh.active,
    passive: passive === false ? fresh.passive : old.passive,
    order: fresh.order,
  };
}
