import { CandidateList } from "./candidate-list.ts";
import { effectiveWeight } from "./effective-weight.ts";
import type { Servers } from "./servers.ts";

/** How often the weights of servers that warm up are computed anew. */
const warmUpStepMs = 250;

/** What availability needs besides the servers. */
export interface AvailabilityOptions {
  /** How long the weight of a server rises after it came up; 0 = it has all of it at once. */
  readonly slowStartMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/**
 * Who may be chosen: settled anew whenever a state or a weight changed, so that a request costs one comparison.
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
  /** When the lists are to be settled anew though nothing changed. */
  #staleAt = Number.POSITIVE_INFINITY;
  /** When the first of the ejected servers is due for its trial. */
  #trialAt = Number.POSITIVE_INFINITY;
  #isPanic = false;

  constructor(servers: Servers, options: AvailabilityOptions) {
    this.primaries = new CandidateList(servers);
    this.backups = new CandidateList(servers);
    this.#servers = servers;
    this.#options = options;
  }

  /** Brings the lists up to date; to be called before anything else is asked. */
  refresh(): void {
    const version = this.#servers.version();
    if (version === this.#version && !this.#isReached(this.#staleAt)) return;
    this.#version = version;
    this.#settle();
  }

  /** Whether a client may stay with this server: a drained one keeps its sessions. */
  keeps(server: number): boolean {
    const state = this.#servers.state(server);
    return (state === "up" || state === "draining") && this.#servers.hasRoom(server);
  }

  /** Takes the trial of a server that is due for one: this request decides whether it comes back. Else -1. */
  claimTrial(): number {
    if (!this.#isReached(this.#trialAt)) return -1;
    for (let server = 0; server < this.#servers.count; server++) {
      if (this.#isDue(server) && this.#servers.claimTrial(server)) return server;
    }
    this.#trialAt = Number.POSITIVE_INFINITY;
    for (let server = 0; server < this.#servers.count; server++) this.#noteTrial(server);
    return -1;
  }

  /**
   * Where every server is unhealthy and none is drained (panic): the one whose last failure is longest ago, of those
   * that were not tried, else -1. Trying it costs nothing that is not lost already.
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

  /** Asks for the time only where there is something to wait for. */
  #isReached(at: number): boolean {
    return at !== Number.POSITIVE_INFINITY && this.#options.now() >= at;
  }

  #settle(): void {
    this.primaries.clear();
    this.backups.clear();
    this.#staleAt = Number.POSITIVE_INFINITY;
    this.#trialAt = Number.POSITIVE_INFINITY;
    this.#isPanic = true;
    for (let server = 0; server < this.#servers.count; server++) this.#place(server);
    this.primaries.finish();
    this.backups.finish();
  }

  #place(server: number): void {
    const state = this.#servers.state(server);
    const weight = this.#servers.weight(server);
    if (state === "up" || state === "draining" || weight === 0) this.#isPanic = false;
    if (state === "up" && weight > 0) this.#add(server, weight);
    this.#noteTrial(server);
  }

  #add(server: number, weight: number): void {
    const now = this.#options.now();
    const warmUp = {
      weight,
      upSinceAt: this.#servers.upSinceAt(server),
      slowStartMs: this.#options.slowStartMs,
    };
    const effective = effectiveWeight(warmUp, now);
    if (effective < weight) this.#staleAt = now + warmUpStepMs;
    (this.#servers.isBackup(server) ? this.backups : this.primaries).add(server, effective);
  }

  #noteTrial(server: number): void {
    if (this.#servers.state(server) !== "ejected" || this.#servers.weight(server) === 0) return;
    this.#trialAt = Math.min(this.#trialAt, this.#servers.trialAt(server));
  }

  #isDue(server: number): boolean {
    const isEjected = this.#servers.state(server) === "ejected" && this.#servers.weight(server) > 0;
    return isEjected && this.#isReached(this.#servers.trialAt(server)) && this.#servers.hasRoom(server);
  }
}
