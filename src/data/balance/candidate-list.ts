import type { Candidates } from "./policy.ts";
import type { Servers } from "./servers.ts";
import { Shares } from "./shares.ts";

/** Weights are kept as multiples of this, so that sums of them are exact and have a common unit. */
const grain = 1 / 32;

/** Candidates out of an upstream's servers, in a list that is filled again and again without allocating. */
export class CandidateList implements Candidates {
  weightUnit = 0;
  readonly #servers: Servers;
  readonly #places: Int32Array;
  readonly #weights: Float64Array;
  readonly #identities: Int32Array;
  readonly #inflightWords: Int32Array;
  readonly #inflightAt: Int32Array;
  readonly #elsewhereAt: Int32Array;
  readonly #shares: Shares;

  constructor(servers: Servers) {
    this.#servers = servers;
    this.#places = new Int32Array(servers.count);
    this.#weights = new Float64Array(servers.count);
    this.#identities = new Int32Array(servers.count);
    this.#inflightWords = servers.inflightWords;
    this.#inflightAt = new Int32Array(servers.count);
    this.#elsewhereAt = new Int32Array(servers.count);
    this.#shares = new Shares(servers.count);
  }

  get count(): number {
    return this.#shares.count;
  }

  get totalWeight(): number {
    return this.#shares.total;
  }

  /** Empties the list. */
  clear(): void {
    this.#shares.clear();
    this.weightUnit = 0;
  }

  /** Adds a server with its effective weight, which is above 0. Call `finish` after the last. */
  add(server: number, weight: number): void {
    const rounded = Math.max(grain, Math.round(weight / grain) * grain);
    this.weightUnit = commonUnit(this.weightUnit, rounded);
    this.#identities[this.count] = this.#servers.identity(server);
    this.#inflightAt[this.count] = this.#servers.inflightAt(server);
    this.#elsewhereAt[this.count] = this.#servers.elsewhereAt(server);
    this.#append(server, rounded);
  }

  /** Adds a candidate of another list of the same servers. */
  addFrom(source: CandidateList, index: number): void {
    this.weightUnit = source.weightUnit;
    this.#identities[this.count] = source.#identities[index] as number;
    this.#inflightAt[this.count] = source.#inflightAt[index] as number;
    this.#elsewhereAt[this.count] = source.#elsewhereAt[index] as number;
    this.#append(source.serverOf(index), source.weight(index));
  }

  /** Makes the list ready to choose from. */
  finish(): void {
    this.#shares.finish();
  }

  /** The place in the upstream of a candidate. */
  serverOf(index: number): number {
    return this.#places[index] as number;
  }

  weight(index: number): number {
    return this.#weights[index] as number;
  }

  /** Read without Atomics: a word cannot tear, and a value that is some nanoseconds old is as good for a choice. */
  inflight(index: number): number {
    const words = this.#inflightWords;
    return (
      (words[this.#inflightAt[index] as number] as number) +
      (words[this.#elsewhereAt[index] as number] as number)
    );
  }

  responseTimeMs(index: number): number {
    return this.#servers.responseTimeMs(this.serverOf(index));
  }

  load(index: number): number {
    return this.#servers.load(this.serverOf(index));
  }

  reportedInflight(index: number): number {
    return this.#servers.reportedInflight(this.serverOf(index));
  }

  identity(index: number): number {
    return this.#identities[index] as number;
  }

  at(point: number): number {
    return this.#shares.at(point);
  }

  start(index: number): number {
    return this.#shares.start(index);
  }

  #append(server: number, weight: number): void {
    this.#places[this.count] = server;
    this.#weights[this.count] = weight;
    this.#shares.add(weight);
  }
}

/** Euclid's algorithm; 0 is a multiple of everything. */
function commonUnit(a: number, b: number): number {
  return a === 0 ? b : commonUnit(b % a, a);
}
