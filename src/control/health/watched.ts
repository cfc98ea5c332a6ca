import type { UpstreamConfig } from "../../config/config.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import { toClientTls } from "../../data/upstream/client-tls.ts";
import type { Client, Host, Timer } from "../../runtime/host.ts";
import { type Overrides, resolveOverride, type ServerName } from "../overrides.ts";
import type { ProbeTarget } from "./probe.ts";
import { createHealthRules, newServerHealth } from "./server-health.ts";
import type { ServerHealth } from "./server-health.ts";

/** One server under watch. */
export interface Watched {
  readonly row: number;
  readonly upstream: string;
  readonly name: string;
  /** As configured, or as a person wants it. */
  weight: number;
  readonly config: UpstreamConfig;
  /** Whom probes ask; undefined where nobody probes. */
  readonly target: ProbeTarget | undefined;
  readonly rules: ReturnType<typeof createHealthRules>;
  health: ServerHealth;
  timer: Timer | undefined;
}

/** Says what checks found of a server in an earlier life. */
export type Remembered = (
  server: ServerName & { readonly url: string },
) => Pick<ServerHealth, "active" | "passive"> | undefined;

/** What is watched before, and what makes the connections. */
interface WatchTools {
  readonly old: ReadonlyMap<number, Watched>;
  readonly host: Host;
  readonly overrides: Pick<Overrides, "of">;
  readonly remembered: Remembered;
}

/** Lists the servers of a snapshot with what is known of them, and the connections that their probes use. */
export function watchServers(
  snapshot: Snapshot,
  tools: WatchTools,
): { readonly servers: readonly Watched[]; readonly clients: readonly Client[] } {
  const groups = Object.entries(snapshot.config.upstreams).map(([name, config]) => {
    const client = createProbeClient(config, snapshot, tools.host);
    return { client, servers: watchGroup({ name, config, client }, snapshot, tools) };
  });
  return {
    servers: groups.flatMap(({ servers }) => servers),
    clients: groups.flatMap(({ client }) => client ?? []),
  };
}

/** Every probe makes a connection of its own: an old one proves nothing about new ones. */
function createProbeClient(config: UpstreamConfig, { files }: Snapshot, host: Host): Client | undefined {
  return config.health.active && host.createClient({ idleTimeoutMs: 0, tls: toClientTls(config, files) });
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
    return {
      row,
      upstream: name,
      name: server.name,
      weight,
      config,
      rules,
      target: active && client && { origin, authority, config: active, client },
      health: { ...keptHealth(before, config, host.time.now()), order },
      timer: undefined,
    };
  });
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
