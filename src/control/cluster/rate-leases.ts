import type { Board } from "../../board/board.ts";
import type { RateLaw } from "../../board/rates.ts";
import type { SharedUse } from "../../board/shared-rates.ts";
import type { Time } from "../../runtime/host.ts";
import { type LeaseAnswer, leasePage, leaseScript, leaseValues, readLeases } from "./lease-script.ts";
import { type Renewal, renewalOf, since, type Tracked } from "./renewal.ts";
import type { Store } from "./store.ts";

/** What leases are made with. */
export interface RateLeasesOptions {
  readonly board: Board;
  readonly node: string;
  /** Before the name of each key of a limit in the store. */
  readonly prefix: string;
  /** How often a lease is renewed that nobody is in a hurry for, ms. */
  readonly intervalMs: number;
  /** For how long a lease counts that is not renewed, ms. */
  readonly termMs: number;
  readonly time: Pick<Time, "now" | "monotonicMs">;
}

/** Keys that nobody asked for so long leave the table, ms. */
const idleMs = 3_000;

/** No node to share with, and no store to ask. */
const alone = 0;

/**
 * Keeps rates together with other nodes. Requests are decided on the board, by what this node holds of each key; here is
 * told what was used of it, and what it holds from then on. Nobody waits for that.
 */
export class RateLeases {
  readonly #options: RateLeasesOptions;
  readonly #tracked = new Map<number, Tracked>();
  #laws: ReadonlyMap<number, RateLaw> = new Map();
  #nodes = alone;
  #turn = 0;
  #isRenewing = false;

  constructor(options: RateLeasesOptions) {
    this.#options = options;
  }

  /** How many keys this node holds a part of. */
  get count(): number {
    return this.#tracked.size;
  }

  /** Keeps these laws from now on. */
  follow(laws: ReadonlyMap<number, RateLaw>): void {
    this.#laws = laws;
  }

  /** So many nodes are there, this one included: each begins with an equal part of a key. */
  share(nodes: number): void {
    if (this.#nodes === alone) this.#beginAnew();
    if (nodes !== this.#nodes) this.#options.board.shareRates(1 / nodes);
    this.#nodes = nodes;
  }

  /** Goes on alone: everything is this node's. */
  goAlone(): void {
    const { board, time } = this.#options;
    this.#nodes = alone;
    board.shareRates(1);
    for (const use of board.sharedUses()) {
      const law = this.#laws.get(use.scope);
      if (law)
        board.leaseShared(use, { law, part: 1, ...board.sharedLevel(use, law, time.now()) }, time.now());
    }
  }

  /** Tells what was used, and takes what may be used from now on. Rejects where the store is away. */
  async renew(store: Store): Promise<number> {
    if (this.#isRenewing || this.#laws.size === 0) return 0;
    this.#isRenewing = true;
    try {
      const due = this.#due();
      let foreign = 0;
      for (let from = 0; from < due.length; from += leasePage)
        foreign += await this.#renewSome(due.slice(from, from + leasePage), store); // one after the other: others use the store too
      return foreign;
    } finally {
      this.#isRenewing = false;
    }
  }

  /** What passed while we were alone was this node's, and is not told. */
  #beginAnew(): void {
    this.#tracked.clear();
    const readAt = this.#options.time.monotonicMs();
    for (const use of this.#options.board.sharedUses())
      this.#tracked.set(use.at, { ...use, readAt, askedPerSecond: 0 });
  }

  async #renewSome(renewals: readonly Renewal[], store: Store): Promise<number> {
    const { node, prefix, termMs } = this.#options;
    const keys = renewals.map(({ use }) => `${prefix}${BigInt.asUintN(64, use.id).toString(36)}`);
    const values = renewals.flatMap(({ law, next, passed, sinceMs }) =>
      leaseValues({
        intervalUs: law.intervalUs,
        burstUs: law.burstUs,
        passed,
        sinceMs,
        askedPerSecond: next.askedPerSecond,
      }),
    );
    for (const { use, next } of renewals) this.#tracked.set(use.at, next);
    const answers = readLeases(await store.run(leaseScript, keys, [node, String(termMs), ...values]));
    for (const [index, renewal] of renewals.entries()) this.#hold(renewal, answers[index]);
    return renewals.filter((_, index) => answers[index] === undefined).length;
  }

  /** What passed while we waited was not booked yet, and is taken off. */
  #hold({ use, law, next }: Renewal, answer: LeaseAnswer): void {
    const { board, time } = this.#options;
    if (!answer) return;
    const now = board.sharedUseAt(use.at);
    if (now.id !== use.id) return;
    const waitedMs = time.monotonicMs() - next.readAt;
    const level =
      answer.level + (answer.part * waitedMs * 1000) / law.intervalUs - since(use.passed, now.passed);
    board.leaseShared(use, { law, part: answer.part, level }, time.now());
  }

  /** The keys that were asked for since the last time, with what was; others leave. */
  #due(): Renewal[] {
    const nowMs = this.#options.time.monotonicMs();
    const uses = this.#options.board.sharedUses();
    const renewals = uses.flatMap((use) => this.#renewalOf(use, nowMs) ?? []);
    const places = new Set(uses.map(({ at }) => at));
    for (const at of this.#tracked.keys()) if (!places.has(at)) this.#tracked.delete(at);
    if (renewals.length <= mostDue) return renewals;
    this.#turn = (this.#turn + mostDue) % renewals.length;
    return [...renewals.slice(this.#turn), ...renewals.slice(0, this.#turn)].slice(0, mostDue);
  }

  #renewalOf(use: SharedUse, nowMs: number): Renewal | undefined {
    const { board, time, intervalMs } = this.#options;
    const law = this.#laws.get(use.scope);
    const before = this.#trackedAt(use, nowMs);
    const held = law && board.sharedLevel(use, law, time.now());
    const renewal = held && renewalOf({ use, law, before, held }, { nowMs, intervalMs });
    if (!renewal && before.asked === use.asked) this.#leave(use, nowMs - before.readAt);
    return renewal;
  }

  /** A key that is new came since the last look at the earliest. */
  #trackedAt({ at, id }: SharedUse, nowMs: number): Tracked {
    const known = this.#tracked.get(at);
    if (known?.id === id) return known;
    const fresh = { id, asked: 0, passed: 0, readAt: nowMs - firstLookMs, askedPerSecond: 0 };
    this.#tracked.set(at, fresh);
    return fresh;
  }

  #leave(use: SharedUse, quietMs: number): void {
    const { board, time } = this.#options;
    if (quietMs >= idleMs && board.forgetShared(use, time.now())) this.#tracked.delete(use.at);
  }
}

/** More keys than this are renewed in turns: a store serves others too. */
const mostDue = 1_024;

/** How long a key may have been there before it is seen for the first time, ms. */
const firstLookMs = 100;
