import { CandidateList } from "./candidate-list.ts";
import type { Servers } from "./servers.ts";

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
  #version = Number.NaN;
  #hasTrial = false;
  #isPanic = false;

  constructor(servers: Servers) {
    this.primaries = new CandidateList(servers);
    this.backups = new CandidateList(servers);
    this.#servers = servers;
  }

  /** Brings the lists up to date; to be called before anything else is asked. */
  refresh(): void {
    const version = this.#servers.version();
    if (version === this.#version) return;
    this.#version = version;
    this.#settle();
  }

  /** Whether a client may stay with this server: a drained one keeps its sessions. */
  keeps(server: number): boolean {
    const state = this.#servers.state(server);
    return (state === "up" || state === "draining") && this.#servers.hasRoom(server);
  }

  /** Takes the trial of a server that is due for one, else -1. */
  claimTrial(): number {
    if (!this.#hasTrial) return -1;
    for (let server = 0; server < this.#servers.count; server++) {
      if (this.#isDue(server) && this.#servers.claimTrial(server)) return server;
    }
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
      if (best < 0 || this.#servers.sinceFailureMs(server) > this.#servers.sinceFailureMs(best))
        best = server;
    }
    return best;
  }

  #settle(): void {
    this.primaries.clear();
    this.backups.clear();
    this.#hasTrial = false;
    this.#isPanic = true;
    for (let server = 0; server < this.#servers.count; server++) this.#place(server);
    this.primaries.finish();
    this.backups.finish();
  }

  #place(server: number): void {
    const weight = this.#servers.weight(server);
    if (weight > 0) this.#placeByState(server, weight);
    else this.#isPanic = false; // drained
  }

  #placeByState(server: number, weight: number): void {
    const state = this.#servers.state(server);
    if (state === "trial") this.#hasTrial = true;
    if (state === "up" || state === "draining") this.#isPanic = false;
    if (state === "up") (this.#servers.isBackup(server) ? this.backups : this.primaries).add(server, weight);
  }

  #isDue(server: number): boolean {
    return (
      this.#servers.state(server) === "trial" &&
      this.#servers.weight(server) > 0 &&
      this.#servers.hasRoom(server)
    );
  }
}
