import {
  bucketOf,
  emptyHistogram,
  type Histogram,
  type Quantiles,
  quantilesIn,
} from "../../../board/histogram.ts";
import { policies, type PolicyName } from "../policies.ts";
import { Ranking } from "../ranking.ts";
import { type Evenness, evennessOf } from "./evenness.ts";
import { EventQueue } from "./event-queue.ts";
import type { ModelledHealthSettings } from "./modelled-health.ts";
import { ModelledServers } from "./modelled-servers.ts";
import { createSeededRandom } from "./seeded-random.ts";
import type { ServerModel } from "./server-model.ts";
import type { Workload } from "./workload.ts";

/** What is simulated. */
export interface SimulationOptions {
  readonly servers: readonly ServerModel[];
  readonly balance: PolicyName;
  /** A new one for each simulation, since it may draw from a seed. */
  readonly workload: Workload;
  readonly requests: number;
  readonly seed: number;
  /** Attempts beyond the first, each on the next best server; default 1. */
  readonly retries?: number;
  /** Default 0. */
  readonly slowStartMs?: number;
  /** Absent = nobody is ever ejected. */
  readonly passive?: ModelledHealthSettings;
}

/** What came of it. */
export interface SimulationResult {
  readonly balance: PolicyName;
  readonly requests: number;
  /** Requests that failed in the end, those without a server included. */
  readonly errors: number;
  readonly attempts: number;
  /** How much time passed in the simulation. */
  readonly elapsedMs: number;
  /** Of the requests that succeeded, from arrival to answer, retries included; undefined where none did. */
  readonly responseTimeMs: Quantiles | undefined;
  /** The same as a histogram, for plots. */
  readonly responseTimes: Histogram;
  /** How many attempts each server got. */
  readonly attemptsByServer: readonly number[];
  /** How evenly they went round, weights considered. */
  readonly evenness: Evenness;
}

/** A request under way. The objects are used again, so that there is no garbage however many there are. */
interface Exchange {
  arrivedAt: number;
  begunAt: number;
  key: number;
  server: number;
  isFailure: boolean;
  readonly tried: number[];
}

/** Runs a workload against modelled servers through a policy: the same ranking and policies that real requests go through. */
export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #servers: ModelledServers;
  readonly #ranking: Ranking;
  readonly #queue = new EventQueue();
  readonly #exchanges: Exchange[] = [];
  readonly #free: number[] = [];
  readonly #times = emptyHistogram();
  readonly #attempts: Float64Array;
  #errors = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const random = createSeededRandom(options.seed);
    this.#servers = new ModelledServers(options.servers, { random, passive: options.passive });
    const policy = policies[options.balance]({
      random: createSeededRandom(options.seed + 1),
      nextTurn: createTurns(),
    });
    const now = () => this.#servers.now;
    this.#ranking = new Ranking(this.#servers, { policy, slowStartMs: options.slowStartMs ?? 0, now });
    this.#attempts = new Float64Array(options.servers.length);
  }

  run(): SimulationResult {
    const { workload, requests } = this.#options;
    let arriveAt = workload.gapMs(0);
    for (let request = 0; request < requests;) {
      if (this.#queue.nextAt <= arriveAt) {
        this.#endNext();
      } else {
        this.#servers.now = arriveAt;
        this.#arrive(workload.key(request));
        arriveAt += workload.gapMs(++request);
      }
    }
    while (this.#queue.nextAt < Number.POSITIVE_INFINITY) this.#endNext();
    return this.#result();
  }

  #arrive(key: number): void {
    const place = this.#free.pop() ?? this.#newPlace();
    const exchange = this.#at(place);
    exchange.arrivedAt = this.#servers.now;
    exchange.key = key;
    exchange.tried.length = 0;
    this.#attempt(place, this.#ranking.first(key, -1));
  }

  #attempt(place: number, server: number): void {
    if (server < 0) {
      this.#fail(place);
      return;
    }
    const exchange = this.#at(place);
    exchange.server = server;
    exchange.begunAt = this.#servers.now;
    exchange.isFailure = this.#servers.fails(server);
    this.#attempts[server] = (this.#attempts[server] as number) + 1;
    this.#queue.push(this.#servers.begin(server, exchange.isFailure), place);
  }

  #endNext(): void {
    this.#servers.now = this.#queue.nextAt;
    const place = this.#queue.pop();
    const exchange = this.#at(place);
    this.#servers.end(exchange);
    if (exchange.isFailure) this.#retry(place, exchange);
    else this.#succeed(place, exchange);
  }

  #retry(place: number, exchange: Exchange): void {
    exchange.tried.push(exchange.server);
    const mayRetry = exchange.tried.length <= (this.#options.retries ?? 1);
    this.#attempt(place, mayRetry ? this.#ranking.next(exchange.key, exchange.tried) : -1);
  }

  #succeed(place: number, exchange: Exchange): void {
    const elapsedMs = this.#servers.now - exchange.arrivedAt;
    const bucket = bucketOf(elapsedMs);
    this.#times.buckets[bucket] = (this.#times.buckets[bucket] as number) + 1;
    this.#times.count++;
    this.#times.sumMs += elapsedMs;
    this.#free.push(place);
  }

  #fail(place: number): void {
    this.#errors++;
    this.#free.push(place);
  }

  #newPlace(): number {
    return (
      this.#exchanges.push({ arrivedAt: 0, begunAt: 0, key: 0, server: 0, isFailure: false, tried: [] }) - 1
    );
  }

  #at(place: number): Exchange {
    return this.#exchanges[place] as Exchange;
  }

  #result(): SimulationResult {
    const attemptsByServer = [...this.#attempts];
    return {
      balance: this.#options.balance,
      requests: this.#options.requests,
      errors: this.#errors,
      attempts: attemptsByServer.reduce((sum, attempts) => sum + attempts, 0),
      elapsedMs: this.#servers.now,
      responseTimeMs: quantilesIn(this.#times),
      responseTimes: this.#times,
      attemptsByServer,
      evenness: evennessOf(attemptsByServer, this.#options.servers),
    };
  }
}

function createTurns(): () => number {
  let turn = 0;
  return () => turn++;
}
