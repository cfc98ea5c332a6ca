import { Availability, type AvailabilityOptions } from "./availability.ts";
import { CandidateList } from "./candidate-list.ts";
import type { Policy } from "./policy.ts";
import type { Servers } from "./servers.ts";

/** What a ranking needs besides the servers. */
export interface RankingOptions extends AvailabilityOptions {
  readonly policy: Policy;
}

const none: readonly number[] = [];

/**
 * The servers of an upstream for one request after the other, best first: its sticky server, primaries by the policy,
 * backups by the policy, and, where no server is healthy, the last resort.
 *
 * Servers go by their place in the upstream; -1 = there is none. Nothing is sorted ahead, because most requests need the
 * first only; the next is the policy's choice among the rest.
 */
export class Ranking {
  readonly #servers: Servers;
  readonly #policy: Policy;
  readonly #availability: Availability;
  readonly #rest: CandidateList;

  constructor(servers: Servers, options: RankingOptions) {
    this.#servers = servers;
    this.#policy = options.policy;
    this.#availability = new Availability(servers, options);
    this.#rest = new CandidateList(servers);
  }

  /** The best: the client's sticky server (`preferred`, or -1) while that keeps its clients, else the policy's choice. */
  first(key: number, preferred: number): number {
    this.#availability.refresh();
    if (preferred >= 0 && this.#availability.keeps(preferred)) return preferred;
    const trial = this.#availability.claimTrial();
    if (trial >= 0) return trial;
    const best = this.#choose(this.#availability.primaries, key);
    return best >= 0 && this.#servers.hasRoom(best) ? best : this.#next(key, none);
  }

  /**
   * The best that was not tried, by the same policy: with a growing list of those tried, each available server comes
   * once. Servers without room are passed over.
   */
  next(key: number, tried: readonly number[]): number {
    this.#availability.refresh();
    return this.#next(key, tried);
  }

  /** All of them at once, best first: for people who ask why. Takes no trial; with chance in the policy, one of many. */
  order(key: number, preferred: number): number[] {
    this.#availability.refresh();
    const order: number[] = [];
    let best = preferred >= 0 && this.#availability.keeps(preferred) ? preferred : this.#next(key, order);
    while (best >= 0) {
      order.push(best);
      best = this.#next(key, order);
    }
    return order;
  }

  #next(key: number, tried: readonly number[]): number {
    const primary = this.#chooseRest(this.#availability.primaries, key, tried);
    if (primary >= 0) return primary;
    const backup = this.#chooseRest(this.#availability.backups, key, tried);
    return backup >= 0 ? backup : this.#availability.lastResort(tried);
  }

  #chooseRest(candidates: CandidateList, key: number, tried: readonly number[]): number {
    this.#rest.clear();
    for (let index = 0; index < candidates.count; index++) {
      const server = candidates.serverOf(index);
      if (this.#servers.hasRoom(server) && !tried.includes(server)) this.#rest.addFrom(candidates, index);
    }
    this.#rest.finish();
    return this.#choose(this.#rest, key);
  }

  #choose(candidates: CandidateList, key: number): number {
    if (candidates.count === 0) return -1;
    return candidates.serverOf(candidates.count === 1 ? 0 : this.#policy(candidates, key));
  }
}
