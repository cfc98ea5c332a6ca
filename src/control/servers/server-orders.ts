import type { ServerConfig } from "../../config/config.ts";
import type { HealthSupervisor } from "../health/supervisor.ts";
import {
  changeOverride,
  type Override,
  type OverrideChange,
  type Overrides,
  resolveOverride,
  type ServerName,
} from "./overrides.ts";
import type { RunningConfig } from "../configuration/reloader.ts";

/** What orders are carried out with. */
export interface OrderTools {
  readonly running: RunningConfig;
  readonly health: HealthSupervisor;
  readonly overrides: Overrides;
  /** Writes an override (or that there is none) to the disk; false where nothing is stored. */
  readonly keep: (name: ServerName, override: Override | undefined) => boolean;
}

/** What the order of a person here is carried out with. */
export interface OwnOrderTools extends OrderTools {
  /** Tells the other nodes. */
  readonly share: (name: ServerName, override: Override | undefined) => void;
  readonly nowMs: number;
}

/**
 * Does what a person wants of a server: on the disk first, then on the board, and so on every worker. Says whether it is
 * stored; undefined where the configuration has no such server.
 */
export function orderServer(
  name: ServerName,
  change: OverrideChange | "undo",
  tools: OwnOrderTools,
): { readonly stored: boolean } | undefined {
  if (!findServer(name, tools.running)) return undefined;
  const override =
    change === "undo" ? undefined : changeOverride(tools.overrides.of(name), change, tools.nowMs);
  tools.share(name, override);
  return { stored: applyOverride(name, override, tools) };
}

/**
 * Does what a person said of a server, here or at another node; of one that the configuration does not have it is
 * remembered. Says whether it is stored.
 */
export function applyOverride(name: ServerName, override: Override | undefined, tools: OrderTools): boolean {
  const { overrides, health, running, keep } = tools;
  const stored = keep(name, override);
  overrides.set(name, override);
  const configured = findServer(name, running);
  if (configured) {
    const row = running.snapshot.rows[name.upstream]?.[name.server] ?? 0;
    const { weight, order } = resolveOverride(override, configured);
    health.weigh(row, weight);
    health.order(row, order);
  }
  return stored;
}

function findServer({ upstream, server }: ServerName, { snapshot }: RunningConfig): ServerConfig | undefined {
  const { upstreams } = snapshot.config;
  if (!Object.hasOwn(upstreams, upstream)) return undefined;
  return upstreams[upstream]?.servers.find(({ name }) => name === server);
}
