import type { ServerState } from "../../board/server-state.ts";
import { createActiveHealth } from "../../data/balance/active-health.ts";
import type { ActiveHealth } from "../../data/balance/active-health.ts";
import { createPassiveHealth, newPassiveHealth } from "../../data/balance/passive-health.ts";
import type { PassiveEvent, PassiveHealth } from "../../data/balance/passive-health.ts";
import type { UpstreamConfig } from "../../config/config.ts";

/** What is known of a server's health, by probes and by traffic, and what people decided about it. */
export interface ServerHealth {
  readonly active: ActiveHealth;
  readonly passive: PassiveHealth;
  /** What a person said: it overrules everything. */
  readonly order: ServerOrder;
}

/** What a person can say about a server. */
export type ServerOrder = "up" | "drain" | "down";

/** A server that nothing is known of yet: it takes requests. */
export function newServerHealth(now: number): ServerHealth {
  return { active: { state: "unknown" }, passive: newPassiveHealth(now), order: "up" };
}

/** What other nodes found of a server of which this one knows nothing; undefined where that is nothing bad. */
export type Told = "down" | "ejected" | undefined;

/** What the balancer may use a server for: people's word first, then the probes', then the traffic's, here or elsewhere. */
export function stateOf({ active, passive, order }: ServerHealth, weight: number, told?: Told): ServerState {
  if (order === "down" || active.state === "down" || told === "down") return "down";
  if (order === "drain" || weight === 0) return "draining";
  return passive.state === "serving" && told === undefined ? "up" : "ejected";
}

/** What happens to a server's health. */
export type HealthEvent =
  | { readonly type: "probed"; readonly passed: boolean }
  | { readonly type: "traffic"; readonly event: PassiveEvent };

/** Gives what comes of a server by its upstream's settings; the same object means that nothing has changed. */
export function createHealthRules({ health: { active, passive } }: UpstreamConfig) {
  const probe = active && createActiveHealth(active);
  const judge =
    passive !== false &&
    createPassiveHealth({
      ...passive,
      ejectForMs: passive.ejectFor,
      maxEjectForMs: passive.maxEjectFor,
      maxEjectedRatio: passive.maxEjected,
    });
  return (known: ServerHealth, event: HealthEvent, now: number): ServerHealth => {
    if (event.type === "probed") return probe ? replaced(known, "active", probe(known.active, event)) : known;
    return judge ? replaced(known, "passive", judge(known.passive, event.event, now)) : known;
  };
}

function replaced<K extends "active" | "passive">(
  known: ServerHealth,
  key: K,
  value: ServerHealth[K],
): ServerHealth {
  return known[key] === value ? known : { ...known, [key]: value };
}
