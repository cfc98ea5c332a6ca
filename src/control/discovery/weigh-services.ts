import type { ServiceRecord } from "../dns/message.ts";

/** A service's record in the terms of an upstream. */
export interface WeighedService {
  readonly target: string;
  readonly port: number;
  /** 1..256. */
  readonly weight: number;
  readonly backup: boolean;
}

const mostWeight = 256;

/**
 * Gives services weights that an upstream understands. Those of the best priority take the requests, the others are backups.
 *
 * A weight of 0 means "hardly ever" (RFC 2782), and would mean "none at all" here; so it becomes 1, and the others grow
 * beside it. Where all are 0 nobody wanted to say anything.
 */
export function weighServices(services: readonly ServiceRecord[]): WeighedService[] {
  const best = Math.min(...services.map(({ priority }) => priority));
  const heaviest = Math.max(...services.map(({ weight }) => weight));
  const isMixed = heaviest > 0 && services.some(({ weight }) => weight === 0);
  const scale = isMixed || heaviest > mostWeight ? mostWeight / heaviest : 1;
  return services.map(({ target, port, weight, priority }) => ({
    target,
    port,
    weight: Math.max(1, Math.round(weight * scale)),
    backup: priority > best,
  }));
}
