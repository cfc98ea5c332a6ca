import { Cells } from "./cells.ts";
import type { KeyedHash } from "./keyed-hash.ts";
import { Header, rateRegion, sharedEntryAt, SharedWord, waysPerSharedSet } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { costOf, debtOf, inLawsTerms, latestUs, mostDebt, toPartWord, wholePart } from "./rate-part.ts";
import { RateLaw, takeFrom } from "./rates.ts";

/**
 * Rates that several nodes keep together. Each request is decided here, by the part of the rate that this node holds of
 * its key; the control plane counts what was used, and sets the parts anew as the nodes agree on them.
 *
 * Keys are hashes under a seed that all nodes know, so that they name the same key by the same number, and nobody outside
 * can choose one.
 */
export interface SharedRates {
  /** As `takeRate`, for the part of the law that this node holds. */
  takeShared(law: RateLaw, key: KeyedHash, nowMs: number): number;
  /** Gives back what was just taken. */
  giveBackShared(law: RateLaw, key: KeyedHash): void;
  /** Sets the part, 0..1, that this node holds of every key that nothing is agreed on yet. */
  shareRates(part: number): void;
  /** Every key that was asked for lately. */
  sharedUses(): SharedUse[];
  /** What stands at a place at this moment. */
  sharedUseAt(at: number): SharedUse;
  /** Holds so much of a key from now on. */
  leaseShared(use: SharedUse, lease: SharedLease, nowMs: number): void;
  /** How many this node may let pass at once of a key at this moment, and how many it ever may. */
  sharedLevel(use: SharedUse, law: RateLaw, nowMs: number): SharedLevel;
  /** Frees the place of a key that owes nothing; true where it did. */
  forgetShared(use: SharedUse, nowMs: number): boolean;
}

/** How a key was used, by counters that go round at 2^32. */
export interface SharedUse {
  /** Where it stands. */
  readonly at: number;
  /** The key's name among the nodes. */
  readonly id: bigint;
  /** The scope of its law. */
  readonly scope: number;
  readonly asked: number;
  readonly passed: number;
}

/** What this node may let pass of a key. */
export interface SharedLevel {
  readonly level: number;
  readonly most: number;
}

/** What a node holds of a key. */
export interface SharedLease {
  readonly law: RateLaw;
  /** Of the whole rate, 0..1. */
  readonly part: number;
  /** How many may pass at once; below 0 = as many have passed too much. */
  readonly level: number;
}

/** The shared rates of this memory: 64-bit words that are changed by one compare-exchange each. */
export function createSharedRates(memory: Memory): SharedRates {
  const table = new SharedTable(memory);
  return {
    takeShared: (law, key, nowMs) => table.takeShared(law, key, nowMs),
    giveBackShared: (law, key) => table.giveBackShared(law, key),
    shareRates: (part) => table.shareRates(part),
    sharedUses: () => table.sharedUses(),
    sharedUseAt: (at) => table.sharedUseAt(at),
    leaseShared: (use, lease, nowMs) => table.leaseShared(use, lease, nowMs),
    sharedLevel: (use, law, nowMs) => table.sharedLevel(use, law, nowMs),
    forgetShared: (use, nowMs) => table.forgetShared(use, nowMs),
  };
}

class SharedTable implements SharedRates {
  readonly #memory: Memory;
  readonly #words: Int32Array;
  readonly #longs: BigInt64Array;
  readonly #spare: Cells;
  #spareLaws = new Map<RateLaw, { readonly part: number; readonly law: RateLaw }>();
  readonly #halves = new Int32Array(2);
  readonly #id = new BigInt64Array(this.#halves.buffer);

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#words = memory.words;
    this.#longs = new BigInt64Array(memory.words.buffer);
    this.#spare = new Cells(memory.words, rateRegion(memory.layout), memory.workerIndex);
  }

  takeShared(law: RateLaw, key: KeyedHash, nowMs: number): number {
    const at = this.#enter(key, law);
    const nowUs = Math.floor(nowMs * 1000);
    if (at < 0) return this.#takeSpare(law, key, nowMs);
    Atomics.add(this.#words, at + SharedWord.asked, 1);
    const costUs = costOf(law, this.#partAt(at));
    const mostUs = mostDebt(law, costUs);
    for (;;) {
      const found = this.#load(at + SharedWord.paidAt);
      const debtUs = debtOf(Number(found) - nowUs, mostUs);
      const afterUs = debtUs + costUs;
      if (afterUs > Math.max(law.burstUs, costUs))
        return Math.min(-1, Math.max(law.burstUs, costUs) - afterUs);
      if (!this.#swap(at + SharedWord.paidAt, found, BigInt(nowUs + afterUs))) continue;
      Atomics.add(this.#words, at + SharedWord.passed, 1);
      return inLawsTerms(law, afterUs, costUs);
    }
  }

  giveBackShared(law: RateLaw, key: KeyedHash): void {
    const at = this.#find(key);
    if (at < 0) return;
    const costUs = BigInt(costOf(law, this.#partAt(at)));
    Atomics.sub(this.#longs, (at + SharedWord.paidAt) / 2, costUs);
    Atomics.sub(this.#words, at + SharedWord.passed, 1);
  }

  shareRates(part: number): void {
    Atomics.store(this.#words, Header.sharedPart, toPartWord(part));
  }

  sharedUses(): SharedUse[] {
    const { layout } = this.#memory;
    const uses: SharedUse[] = [];
    for (let place = 0; place < layout.sharedSets * waysPerSharedSet; place++) {
      const at = sharedEntryAt(layout, place);
      if ((this.#words[at] as number) !== 0 || (this.#words[at + 1] as number) !== 0)
        uses.push(this.sharedUseAt(at));
    }
    return uses;
  }

  leaseShared({ at, id }: SharedUse, { law, part, level }: SharedLease, nowMs: number): void {
    if (this.#load(at) !== id) return;
    const costUs = costOf(law, toPartWord(part));
    const mostUs = mostDebt(law, costUs);
    const debtUs = Math.min(Math.max(0, mostUs - level * costUs), mostUs + latestUs);
    Atomics.store(this.#words, at + SharedWord.part, toPartWord(part));
    Atomics.store(this.#longs, (at + SharedWord.paidAt) / 2, BigInt(Math.floor(nowMs * 1000 + debtUs)));
  }

  sharedLevel({ at }: SharedUse, law: RateLaw, nowMs: number): SharedLevel {
    const costUs = costOf(law, this.#partAt(at));
    const mostUs = mostDebt(law, costUs);
    const debtUs = debtOf(Number(this.#load(at + SharedWord.paidAt)) - Math.floor(nowMs * 1000), mostUs);
    return { level: (mostUs - debtUs) / costUs, most: mostUs / costUs };
  }

  forgetShared({ at, id, asked }: SharedUse, nowMs: number): boolean {
    const isPaid = Number(this.#load(at + SharedWord.paidAt)) <= nowMs * 1000;
    if (!isPaid || Atomics.load(this.#words, at + SharedWord.asked) !== asked) return false;
    return this.#swap(at, id, 0n);
  }

  /** The place of a key, taken where it had none; -1 where there is no room. */
  #enter(key: KeyedHash, law: RateLaw): number {
    const known = this.#find(key);
    if (known >= 0) return known;
    const id = this.#idOf(key);
    const setAt = this.#setAt(key);
    for (let way = 0; way < waysPerSharedSet; way++) {
      const at = setAt + way * SharedWord.words;
      if (this.#load(at) !== 0n || !this.#swap(at, 0n, id)) continue;
      this.#clear(at, law);
      const first = this.#find(key); // another thread may have come with the same key
      if (first !== at) this.#swap(at, id, 0n);
      return first;
    }
    return -1;
  }

  #find(key: KeyedHash): number {
    const id = this.#idOf(key);
    const setAt = this.#setAt(key);
    for (let way = 0; way < waysPerSharedSet; way++) {
      const at = setAt + way * SharedWord.words;
      if (this.#load(at) === id) return at;
    }
    return -1;
  }

  /** What is left of the one before goes before anybody counts: a use in between is one of many. */
  #clear(at: number, law: RateLaw): void {
    Atomics.store(this.#longs, (at + SharedWord.paidAt) / 2, 0n);
    for (const word of [SharedWord.part, SharedWord.asked, SharedWord.passed])
      Atomics.store(this.#words, at + word, 0);
    Atomics.store(this.#words, at + SharedWord.scope, law.scope);
  }

  /** Where too many keys are used at once, the rest is kept to this node's part as if nobody used the others'. */
  #takeSpare(law: RateLaw, key: KeyedHash, nowMs: number): number {
    return takeFrom(this.#spare, this.#spareLawOf(law), { key, nowMs });
  }

  #spareLawOf(law: RateLaw): RateLaw {
    const part = Atomics.load(this.#words, Header.sharedPart) || wholePart;
    const known = this.#spareLaws.get(law);
    if (known?.part === part) return known.law;
    const [burst, count] = [law.burstUs / law.intervalUs, 1].map((of) => (of * part) / wholePart);
    const spare = new RateLaw(law.scope, {
      burst: burst ?? 1,
      count: count ?? 1,
      perMs: law.intervalUs / 1000,
    });
    this.#spareLaws.set(law, { part, law: spare });
    return spare;
  }

  sharedUseAt(at: number): SharedUse {
    const read = (word: number) => Atomics.load(this.#words, at + word);
    return {
      at,
      id: this.#load(at),
      scope: read(SharedWord.scope),
      asked: read(SharedWord.asked),
      passed: read(SharedWord.passed),
    };
  }

  #partAt(at: number): number {
    return (
      Atomics.load(this.#words, at + SharedWord.part) ||
      Atomics.load(this.#words, Header.sharedPart) ||
      wholePart
    );
  }

  #setAt(key: KeyedHash): number {
    const set = key.b & (this.#memory.layout.sharedSets - 1);
    return sharedEntryAt(this.#memory.layout, set * waysPerSharedSet);
  }

  #idOf(key: KeyedHash): bigint {
    this.#halves[0] = key.a;
    this.#halves[1] = key.b;
    return (this.#id[0] as bigint) || 1n; // 0 is a free place
  }

  #load(at: number): bigint {
    return Atomics.load(this.#longs, at / 2);
  }

  #swap(at: number, found: bigint, next: bigint): boolean {
    return Atomics.compareExchange(this.#longs, at / 2, found, next) === found;
  }
}
