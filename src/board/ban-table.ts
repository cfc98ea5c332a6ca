import { KeyedHash } from "./keyed-hash.ts";
import { banEntryAt, BanWord, Header, waysPerBanSet } from "./layout.ts";
import type { Memory } from "./memory.ts";

/** Whom refusals are counted for: an IPv4 address, or the first half of an IPv6 one. */
export interface BanKey {
  readonly version: 4 | 6;
  /** The upper word of the prefix; 0 for IPv4. */
  readonly high: number;
  readonly low: number;
}

/**
 * Entries by client, of fixed size: who has none takes the cheapest of its set, which is a free one, else whose window began
 * longest ago, else whose ban ends first.
 *
 * An entry is several words, so a change of its owner is guarded by its first: while that says "clearing" nobody uses it.
 * A refusal that is counted in the same moment may be counted for the next owner: one of many, and no ban hangs on it.
 */
export class BanTable {
  readonly #words: Int32Array;
  readonly #memory: Memory;
  readonly #hash: KeyedHash;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#words = memory.words;
    this.#hash = new KeyedHash(memory.seed);
  }

  /** The entry of a client; -1 where it has none. */
  find(key: BanKey): number {
    const set = this.#setOf(key);
    for (let way = 0; way < waysPerBanSet; way++) {
      const at = this.#placeOf(set, way);
      if (this.#isOf(at, key)) return at;
    }
    return -1;
  }

  /** Whether nobody can be banned: then nobody has to be looked for. */
  isIdle(nowMs: number): boolean {
    const lastEnds = Atomics.load(this.#words, Header.lastBanEnds);
    return lastEnds === 0 || ticksTo(lastEnds, nowMs) <= 0;
  }

  /** How long the ban of an entry lasts, ms; 0 where it has none. */
  leftMs(at: number, nowMs: number): number {
    const until = this.read(at, "until");
    return until === 0 ? 0 : Math.max(0, ticksTo(until, nowMs)) * tickMs;
  }

  /** Counts a refusal, and gives how many there were in the window, which begins anew when it, or a ban, is over. */
  countRefusal(at: number, windowMs: number, nowMs: number): number {
    const [since, until] = [this.read(at, "since"), this.read(at, "until")];
    const isOver = until === 0 ? -ticksTo(since, nowMs) * tickMs >= windowMs : this.leftMs(at, nowMs) === 0;
    const sinceAt = at + BanWord.since;
    const isOurTurn = isOver && Atomics.compareExchange(this.#words, sinceAt, since, toTick(nowMs)) === since;
    if (isOurTurn) this.clear(at);
    return Atomics.add(this.#words, at + BanWord.refusals, 1) + 1;
  }

  /** Puts a ban in force. */
  banUntil(at: number, { untilMs, reason }: { untilMs: number; reason: number }, nowMs: number): void {
    const words = this.#words;
    this.write(at, "reason", reason);
    const until = toTick(Math.min(untilMs, nowMs + longestBanMs)) || 1;
    Atomics.store(words, at + BanWord.until, until);
    let last = Atomics.load(words, Header.lastBanEnds);
    while (last === 0 || ((until - last) | 0) > 0) {
      const found = Atomics.compareExchange(words, Header.lastBanEnds, last, until);
      if (found === last) return;
      last = found;
    }
  }

  /** Forgets the refusals of an entry, and its ban. */
  clear(at: number): void {
    this.write(at, "refusals", 0);
    this.write(at, "until", 0);
  }

  /** The entry of a client, made where it has none; -1 where other threads keep us from it. */
  enter(key: BanKey, nowMs: number): number {
    const nowTick = toTick(nowMs);
    const known = this.find(key);
    if (known >= 0) return known;
    const at = this.#cheapest(this.#setOf(key), nowTick);
    const owner = Atomics.load(this.#words, at);
    const isTaken = owner !== clearing && Atomics.compareExchange(this.#words, at, owner, clearing) === owner;
    return isTaken ? this.#own(at, key, nowTick) : this.find(key);
  }

  /** Every entry whose client is banned. Asked for every second, and of hundreds of thousands nearly all are free. */
  banned(nowMs: number): number[] {
    const found: number[] = [];
    if (this.isIdle(nowMs)) return found;
    const { layout } = this.#memory;
    const places = layout.banSets * waysPerBanSet;
    for (let place = 0; place < places; place++) {
      const at = banEntryAt(layout, place);
      if (isOwner(this.read(at, "owner")) && this.leftMs(at, nowMs) > 0) found.push(at);
    }
    return found;
  }

  /** Whose entry it is. */
  keyOf(at: number): BanKey {
    const version = Atomics.load(this.#words, at) === 4 ? 4 : 6;
    return { version, high: this.read(at, "high"), low: this.read(at, "low") };
  }

  /** A word of an entry. */
  read(at: number, word: keyof typeof BanWord): number {
    return Atomics.load(this.#words, at + BanWord[word]);
  }

  /** Sets a word of an entry. */
  write(at: number, word: keyof typeof BanWord, value: number): void {
    Atomics.store(this.#words, at + BanWord[word], value);
  }

  #own(at: number, { version, high, low }: BanKey, nowTick: number): number {
    this.write(at, "high", high);
    this.write(at, "low", low);
    this.write(at, "since", nowTick);
    this.write(at, "reason", 0);
    this.clear(at);
    this.write(at, "owner", version);
    return at;
  }

  #cheapest(set: number, nowTick: number): number {
    let best = this.#placeOf(set, 0);
    for (let way = 1; way < waysPerBanSet; way++) {
      const at = this.#placeOf(set, way);
      if (this.#worth(at, nowTick) < this.#worth(best, nowTick)) best = at;
    }
    return best;
  }

  #worth(at: number, nowTick: number): number {
    const owner = this.read(at, "owner");
    if (!isOwner(owner)) return owner === clearing ? Infinity : -Infinity;
    const until = this.read(at, "until");
    const banTicks = until === 0 ? 0 : (until - nowTick) | 0;
    return banTicks > 0 ? wholeRange + banTicks : (this.read(at, "since") - nowTick) | 0;
  }

  #isOf(at: number, { version, high, low }: BanKey): boolean {
    return (
      this.read(at, "low") === low && this.read(at, "high") === high && this.read(at, "owner") === version
    );
  }

  #setOf({ version, high, low }: BanKey): number {
    return this.#hash.words(version, high, low).b & (this.#memory.layout.banSets - 1);
  }

  #placeOf(set: number, way: number): number {
    return banEntryAt(this.#memory.layout, set * waysPerBanSet + way);
  }
}

/** Instants on the board are ticks modulo 2^32: 248 days lie ahead. */
const tickMs = 10;
const longestBanMs = 200 * 86_400_000;

const clearing = -1;
const wholeRange = 2 ** 32;

function isOwner(word: number): boolean {
  return word === 4 || word === 6;
}

function toTick(ms: number): number {
  return Math.floor(ms / tickMs) | 0;
}

/** How far ahead an instant lies; below 0 where it is past. */
function ticksTo(tick: number, nowMs: number): number {
  return (tick - toTick(nowMs)) | 0;
}
