import { createEwma, type Ewma } from "../../../board/ewma.ts";
import type { ServerState } from "../../../board/server-state.ts";
import { failurePenaltyMs } from "../failure-penalty.ts";
import type { Servers } from "../servers.ts";
import { createSampler, type Sampler } from "./distribution.ts";
import { type AttemptEnd, ModelledHealth, type ModelledHealthSettings } from "./modelled-health.ts";
import type { ServerModel } from "./server-model.ts";

/** What modelled servers are made with. */
export interface ModelledServersOptions {
  readonly random: () => number;
  /** Absent = nobody is ever ejected. */
  readonly passive?: ModelledHealthSettings | undefined;
}

/** Servers that exist as numbers only, and behave as their models say. */
export class ModelledServers implements Servers {
  readonly count: number;
  readonly inflightWords: Int32Array;
  /** The time of the simulation, ms; to be set by whoever runs it. */
  now = 0;
  readonly #models: readonly ServerModel[];
  readonly #random: () => number;
  readonly #samplers: readonly Sampler[];
  readonly #loads: Float64Array;
  readonly #reportedInflight: Int32Array;
  readonly #failedAt: Float64Array;
  readonly #freeAt: readonly Float64Array[];
  readonly #ewma: Ewma;
  readonly #health: ModelledHealth;
  readonly #startTimes: readonly number[];
  #started = 0;

  constructor(models: readonly ServerModel[], { random, passive }: ModelledServersOptions) {
    this.count = models.length;
    this.#models = models;
    this.#random = random;
    this.#samplers = models.map(({ serviceMs }) => createSampler(serviceMs, random));
    this.inflightWords = new Int32Array(this.count + 1); // the last stays 0: there are no other nodes
    this.#loads = new Float64Array(this.count).fill(Number.NaN);
    this.#reportedInflight = new Int32Array(this.count);
    this.#failedAt = new Float64Array(this.count).fill(Number.NEGATIVE_INFINITY);
    this.#freeAt = models.map(({ slots }) => new Float64Array(slots));
    this.#ewma = createEwma(new Int32Array(2 * this.count));
    this.#health = new ModelledHealth(passive, this.count);
    this.#startTimes = models.map(({ startsAtMs }) => startsAtMs ?? 0).toSorted((a, b) => a - b);
  }

  /** Whether the next attempt at a server fails. */
  fails(server: number): boolean {
    const ratio = this.#model(server).failureRatio ?? 0;
    return ratio > 0 && this.#random() < ratio;
  }

  /** Begins an attempt; gives when it ends. */
  begin(server: number, isFailure: boolean): number {
    this.inflightWords[server] = this.#inflight(server) + 1;
    return isFailure ? this.now + (this.#model(server).failureMs ?? 1) : this.#occupySlot(server);
  }

  /** Ends an attempt: the server is measured and judged, and reports its load. */
  end(attempt: AttemptEnd): void {
    const { server, isFailure } = attempt;
    const inflight = this.#inflight(server);
    this.inflightWords[server] = inflight - 1;
    this.#loads[server] = Math.min(1, inflight / this.#model(server).slots);
    this.#reportedInflight[server] = inflight;
    if (isFailure) this.#failedAt[server] = this.now;
    const elapsedMs = this.now - attempt.begunAt;
    this.#ewma.observe(
      2 * server,
      isFailure ? Math.max(failurePenaltyMs, elapsedMs) : elapsedMs,
      Math.floor(this.now),
    );
    this.#health.learn(
      attempt,
      { servers: this.count, available: this.#started - this.#health.ejected },
      this.now,
    );
  }

  version(): number {
    while (this.#started < this.count && (this.#startTimes[this.#started] as number) <= this.now)
      this.#started++;
    return this.#started + this.#health.version;
  }

  state(server: number): ServerState {
    if (this.#startsAt(server) > this.now) return "down";
    return this.#health.isEjected(server) ? "ejected" : "up";
  }

  weight(server: number): number {
    return this.#model(server).weight ?? 1;
  }

  isBackup(): boolean {
    return false;
  }

  upSinceAt(server: number): number {
    return this.#startsAt(server) || Number.NEGATIVE_INFINITY;
  }

  trialAt(server: number): number {
    return this.#health.trialAt(server);
  }

  claimTrial(server: number): boolean {
    return this.#health.claimTrial(server, this.now);
  }

  failedAt(server: number): number {
    return this.#failedAt[server] as number;
  }

  hasRoom(server: number): boolean {
    return this.#inflight(server) < (this.#model(server).maxConnections || Number.POSITIVE_INFINITY);
  }

  inflightAt(server: number): number {
    return server;
  }

  elsewhereAt(): number {
    return this.count;
  }

  responseTimeMs(server: number): number {
    return this.#ewma.read(2 * server, Math.floor(this.now));
  }

  load(server: number): number {
    return this.#loads[server] as number;
  }

  reportedInflight(server: number): number {
    return this.#reportedInflight[server] as number;
  }

  identity(server: number): number {
    return Math.imul(server + 1, 0x9e3779b1);
  }

  #inflight(server: number): number {
    return this.inflightWords[server] as number;
  }

  #model(server: number): ServerModel {
    return this.#models[server] as ServerModel;
  }

  #startsAt(server: number): number {
    return this.#model(server).startsAtMs ?? 0;
  }

  /** First come, first served: the attempt takes the slot that is free first, so that its end is known at once. */
  #occupySlot(server: number): number {
    const freeAt = this.#freeAt[server] as Float64Array;
    let first = 0;
    for (let slot = 1; slot < freeAt.length; slot++) {
      if ((freeAt[slot] as number) < (freeAt[first] as number)) first = slot;
    }
    const endsAt = Math.max(this.now, freeAt[first] as number) + this.#workMs(server);
    freeAt[first] = endsAt;
    return endsAt;
  }

  #workMs(server: number): number {
    const { slowness = 1, coldness = 1, coldForMs = 0 } = this.#model(server);
    const warmth = coldForMs > 0 ? Math.min(1, (this.now - this.#startsAt(server)) / coldForMs) : 1;
    return (this.#samplers[server] as Sampler)() * slowness * (coldness + (1 - coldness) * warmth);
  }
}
