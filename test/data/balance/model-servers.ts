import type { ServerState } from "../../../src/board/server-state.ts";
import { CandidateList } from "../../../src/data/balance/candidate-list.ts";
import { hashText } from "../../../src/data/balance/hash-text.ts";
import type { PolicyTools } from "../../../src/data/balance/policy.ts";
import type { Servers } from "../../../src/data/balance/servers.ts";

/** One server of a test, with what differs from an idle one of weight 1 that is up. */
export interface ModelServer {
  state?: ServerState;
  weight?: number;
  isBackup?: boolean;
  maxConnections?: number;
  inflight?: number;
  /** Under way by way of other nodes. */
  elsewhere?: number;
  responseTimeMs?: number;
  load?: number;
  reportedInflight?: number;
  failedAt?: number;
  upSinceAt?: number;
  trialAt?: number;
  name?: string;
}

/** Servers whose numbers a test sets, those under way as it goes; `touch` after a state or a weight was changed. */
export class ModelServers implements Servers {
  readonly list: ModelServer[];
  readonly inflightWords: Int32Array;
  #version = 0;

  constructor(list: ModelServer[]) {
    this.list = list;
    this.inflightWords = Int32Array.from([
      ...list.map(({ inflight = 0 }) => inflight),
      ...list.map(({ elsewhere = 0 }) => elsewhere),
    ]);
    for (const [at, server] of list.entries()) shareInflight(server, this.inflightWords, at);
  }

  get count() {
    return this.list.length;
  }
  touch() {
    this.#version++;
  }
  version = () => this.#version;
  state = (server: number) => this.#of(server).state ?? "up";
  weight = (server: number) => this.#of(server).weight ?? 1;
  isBackup = (server: number) => this.#of(server).isBackup ?? false;
  failedAt = (server: number) => this.#of(server).failedAt ?? -Infinity;
  upSinceAt = (server: number) => this.#of(server).upSinceAt ?? -Infinity;
  trialAt = (server: number) => this.#of(server).trialAt ?? Infinity;
  inflightAt = (server: number) => server;
  elsewhereAt = (server: number) => this.count + server;
  hasRoom = (server: number) => this.inflightWords[server]! < (this.#of(server).maxConnections || Infinity);
  responseTimeMs = (server: number) => this.#of(server).responseTimeMs ?? NaN;
  load = (server: number) => this.#of(server).load ?? NaN;
  reportedInflight = (server: number) => this.#of(server).reportedInflight ?? 0;
  identity = (server: number) => hashText(this.#of(server).name ?? `server-${server}`);
  claimTrial = (server: number) => {
    const isDue = this.trialAt(server) < Infinity;
    this.#of(server).trialAt = Infinity;
    return isDue;
  };

  #of(server: number): ModelServer {
    return this.list[server]!;
  }
}

/** From now on what a test says of a server's requests stands where policies read it. */
function shareInflight(server: ModelServer, words: Int32Array, at: number): void {
  Object.defineProperty(server, "inflight", {
    configurable: true,
    enumerable: true,
    get: () => words[at],
    set(inflight: number) {
      words[at] = inflight;
    },
  });
}

/** All of them as candidates. */
export function candidatesOf(list: ModelServer[]): CandidateList {
  const candidates = new CandidateList(new ModelServers(list));
  for (const [server, { weight = 1 }] of list.entries()) candidates.add(server, weight);
  candidates.finish();
  return candidates;
}

/** A generator of chance with a seed (mulberry32), and a cursor of its own. */
export function seededTools(seed: number): PolicyTools {
  let state = seed | 0;
  let turn = 0;
  return {
    nextTurn: () => turn++,
    random: () => {
      state = (state + 0x6d2b79f5) | 0;
      let bits = Math.imul(state ^ (state >>> 15), 1 | state);
      bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
      return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** How often each index came. */
export function tally(count: number, times: number, choose: (time: number) => number): number[] {
  const counts = Array.from({ length: count }, () => 0);
  for (let time = 0; time < times; time++) counts[choose(time)]!++;
  return counts;
}

/** Pearson's statistic of counts against what was expected. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + (count - expected[at]!) ** 2 / expected[at]!, 0);
}
