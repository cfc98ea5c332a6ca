import { CandidateList } from "./candidate-list.ts";
import { effectiveWeight } from "./effective-weight.ts";
import type { Servers } from "./servers.ts";

/** How often weights are computed anew while a server warms up. */
const rampStepMs = 250;

/** What availability needs besides the servers. */
export interface AvailabilityOptions {
  readonly slowStartMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/**
 * Who may be chosen: settled whenever a state or a weight changed, so that choosing costs a comparison.
 *
 * A server at its `maxConnections` stays in the lists, since that changes with every request; whoever chooses asks
 * `Servers.hasRoom`.
 */
export class Availability {
  readonly primaries: CandidateList;
  readonly backups: CandidateList;
  readonly #servers: Servers;
  readonly #options: AvailabilityOptions;
  #version = Number.NaN;
  #staleAt = Number.NEGATIVE_INFINITY;
  #trialAt = Number.POSITIVE_INFINITY;
  #isPanic = false;

  constructor(servers: Servers, options: AvailabilityOptions) {
    this.primaries = new CandidateList(servers);
    this.backups = new CandidateList(servers);
    this.#servers = servers;
    this.#options = options;
  }

  /** Brings the lists up to date; to be called before they are read. */
  refresh(): void {
    const version = this.#servers.version();
    if (version === this.#version && this.#isFresh()) return;
    this.#version = version;
    this.#settle(this.#options.now());
  }

  /** Whether a client may stay with this server: a drained one keeps its sessions. */
  keeps(server: number): boolean {
    const state = this.#servers.state(server);
    return (state === "up" || state === "draining") && this.#servers.hasRoom(server);
  }

  /** Takes the trial of an ejected server that is due for one: this request decides whether it comes back; else -1. */
  claimTrial(): number {
    if (this.#trialAt === Number.POSITIVE_INFINITY) return -1;
    const nowMs = this.#options.now();
    if (nowMs < this.#trialAt) return -1;
    return this.#claimDue(nowMs);
  }

  /**
   * Where every server is unhealthy and none is drained: the one whose last failure is longest ago, of those that were
   * not tried, else -1. Trying it costs nothing that is not lost already.
   */
  lastResort(tried: readonly number[]): number {
    let best = -1;
    if (!this.#isPanic) return best;
    for (let server = 0; server < this.#servers.count; server++) {
      if (tried.includes(server) || !this.#servers.hasRoom(server)) continue;
      if (best < 0 || this.#servers.failedAt(server) < this.#servers.failedAt(best)) best = server;
    }
    return best;
  }

  #isFresh(): boolean {
    return this.#staleAt === Number.POSITIVE_INFINITY || this.#options.now() < this.#staleAt;
  }

  #settle(nowMs: number): void {
    this.primaries.clear();
    this.backups.clear();
    this.#staleAt = Number.POSITIVE_INFINITY;
    this.#trialAt = Number.POSITIVE_INFINITY;
    this.#isPanic = true;
    for (let server = 0; server < this.#servers.count; server++) this.#place(server, nowMs);
    this.primaries.finish();
    this.backups.finish();
  }

  #place(server: number, nowMs: number): void {
    const weight = this.#servers.weight(server);
    const state = this.#servers.state(server);
    if (state === "ejected") this.#trialAt = Math.min(this.#trialAt, this.#servers.trialAt(server));
    if (state === "up" || state === "draining" || weight === 0) this.#isPanic = false;
    if (state === "up" && weight > 0) this.#add(server, weight, nowMs);
  }

  #add(server: number, weight: number, nowMs: number): void {
    const upSinceAt = this.#servers.upSinceAt(server);
    const effective = effectiveWeight({ weight, upSinceAt, slowStartMs: this.#options.slowStartMs }, nowMs);
    if (effective < weight) this.#staleAt = nowMs + rampStepMs;
    const list = this.#servers.isBackup(server) ? this.backups : this.primaries;
    list.add(server, effective);
  }

  #claimDue(nowMs: number): number {
    for (let server = 0; server < this.#servers.count; server++) {
      const isDue = this.#servers.state(server) === "ejected" && this.#servers.trialAt(server) <= nowMs;
      if (isDue && this.#servers.hasRoom(server) && this.#servers.claimTrial(server)) return server;
    }
    return -1;
  }
}
