import type { KeyedHash } from "./keyed-hash.ts";

/** What the number in a cell means: how it changes with a use, and what would be lost with it. */
export interface CellLaw {
  /** The number after one more use, -1 where that is refused; `value` is -1 where the key has no cell. */
  next(value: number, now: number): number;
  /** What is lost when the cell goes to another key: the least goes first; Infinity = it must stay. */
  worth(value: number, now: number): number;
}

/** Where a table of cells lies. */
export interface CellRegion {
  /** The first word, on a cache line. */
  readonly at: number;
  /** How many sets of eight cells; a power of two. */
  readonly sets: number;
}

/** What `use` gives where no number was written. */
export const Unused = { refused: -1, noRoom: -2 } as const;

/** Cells of one set: with 8 bytes each, a set is one cache line. */
export const waysPerSet = 8;
/** Words of one cell. */
export const cellWords = 2;
/** Numbers in cells stay below this: 39 bits. */
export const cellRange = 2 ** 39;

const wordsPerSet = waysPerSet * cellWords;
const again = -3;
const tagShift = 8;
const pendingBit = 0x80;
const highBits = 0x7f;
const patience = 10_000; // rounds against other threads: microseconds
const pushOutAfter = 100; // looks at a cell that stays pending: its thread has died or sleeps
const wordRange = 2 ** 32;

const keepNothing: CellLaw = { next: () => -1, worth: () => 0 };

/**
 * A table of numbers by key, of fixed size, that all threads change at once without a lock: every change is one
 * compare-exchange of a whole cell, key and number together, so that nobody can write for a key that has just gone.
 *
 * A cell has 64 bits: 24 of the key's hash, one that says "pending", 39 of the number. The set is chosen by other bits of
 * the hash. A key that has no cell enters in two steps, so that two threads never give it two cells: it is written as
 * pending into the cell whose loss costs least; then the set is looked through once more, and only a key that stands
 * there alone is made valid. Of two that are pending the one at the lower place pushes the other out. Whoever wrote first
 * is seen by the other, because the second look comes after the writing.
 */
export class Cells {
  /** The number that `use` found: -1 where the key had no cell. */
  found = -1;
  /** The cell that `use` wrote to; a key keeps it as long as its law says that it must stay. */
  place = -1;
  readonly #words: Int32Array;
  readonly #cells: BigInt64Array;
  readonly #region: CellRegion;
  /** Marks what this thread writes as pending, so that it never takes another's for its own. */
  readonly #thread: number;
  #turn = 0;
  /** One cell in two halves and as a whole: to take it apart and put it together. */
  readonly #halves = new Int32Array(cellWords);
  readonly #whole = new BigInt64Array(this.#halves.buffer);
  /** What this use is about: kept here, so that it need not be handed from step to step. */
  #set = 0;
  #tag = 0;
  #now = 0;
  #law: CellLaw = keepNothing;
  /** What the cheapest cell of the set costs. */
  #least = 0;

  constructor(words: Int32Array, region: CellRegion, thread: number) {
    this.#words = words;
    this.#cells = new BigInt64Array(words.buffer);
    this.#region = region;
    this.#thread = thread & 0x7f;
  }

  /** Changes the number of a key by a law, and gives the new one; else why not (`Unused`). */
  use(key: KeyedHash, law: CellLaw, now: number): number {
    this.#aim(key);
    this.#law = law;
    this.#now = now;
    this.#turn = (this.#turn + 1) | 0;
    for (let round = 0; round < patience; round++) {
      const place = this.#find();
      const outcome = place < 0 ? this.#enter() : this.#change(place, round);
      if (outcome !== again) return outcome;
    }
    return Unused.refused;
  }

  /** The number of a key; -1 where it has no cell. */
  read(key: KeyedHash): number {
    this.#aim(key);
    const place = this.#find();
    if (place < 0) return -1;
    this.#load(place);
    return this.#isOurs() && !this.#isPending() ? this.#value() : -1;
  }

  /** Takes one off the number in a cell that must stay: below 2^32, which its lower half holds alone. */
  lower(place: number): void {
    Atomics.sub(this.#words, place, 1);
  }

  /** Frees the cells of some sets whose loss costs nothing, so that no number comes back when its range has gone round. */
  sweep(sets: { readonly from: number; readonly count: number }, law: CellLaw, now: number): void {
    this.#law = law;
    this.#now = now;
    for (let set = sets.from; set < sets.from + sets.count; set++) {
      const at = this.#placeOfSet(set);
      for (let place = at; place < at + wordsPerSet; place += cellWords) this.#sweepCell(place);
    }
  }

  #change(place: number, round: number): number {
    const found = this.#load(place);
    if (!this.#isOurs()) return again;
    if (this.#isPending()) return this.#waitFor(place, found, round);
    this.found = this.#value();
    const next = this.#law.next(this.found, this.#now);
    if (next < 0) return Unused.refused;
    this.place = place;
    return this.#swap(place, found, this.#cellOf(next)) ? next : again;
  }

  /** Whoever is entering has done so in a moment, unless its thread has died or sleeps. */
  #waitFor(place: number, found: bigint, round: number): number {
    if (round >= pushOutAfter) this.#swap(place, found, 0n);
    return again;
  }

  #enter(): number {
    this.found = -1;
    const next = this.#law.next(-1, this.#now);
    if (next < 0) return Unused.refused;
    const place = this.#cheapest();
    if (place < 0) return Unused.noRoom;
    const found = this.#load(place);
    if (this.#worth() > this.#least) return again; // somebody else has just come in here
    const mine = this.#pendingCell();
    if (!this.#swap(place, found, mine)) return again;
    if (!this.#isAlone(place)) {
      this.#swap(place, mine, 0n);
      return again;
    }
    this.place = place;
    return this.#swap(place, mine, this.#cellOf(next)) ? next : again;
  }

  /** Whether no other cell is this key's; pushes out who is pending at a higher place. */
  #isAlone(own: number): boolean {
    for (let place = this.#set; place < this.#set + wordsPerSet; place += cellWords) {
      if (place !== own && !this.#makesRoom(place, own)) return false;
    }
    return true;
  }

  #makesRoom(place: number, own: number): boolean {
    while (this.#isTagged(place)) {
      const found = this.#load(place);
      if (!this.#isOurs()) return true;
      if (!this.#isPending() || place < own) return false;
      if (this.#swap(place, found, 0n)) return true;
    }
    return true;
  }

  /** The place in the set whose loss costs least; -1 where all must stay. */
  #cheapest(): number {
    let best = -1;
    this.#least = Infinity;
    for (let place = this.#set; place < this.#set + wordsPerSet; place += cellWords) {
      this.#halves[0] = Atomics.load(this.#words, place); // perhaps torn: looked at once more before it goes
      this.#halves[1] = Atomics.load(this.#words, place + 1);
      const worth = this.#worth();
      if (worth >= this.#least) continue;
      best = place;
      this.#least = worth;
    }
    return best;
  }

  #sweepCell(place: number): void {
    const found = this.#load(place);
    if (found !== 0n && (this.#isPending() || this.#worth() <= 0)) this.#swap(place, found, 0n);
  }

  #aim(key: KeyedHash): void {
    this.#set = this.#placeOfSet(key.b);
    this.#tag = key.a >>> tagShift || 1; // an empty cell has 0
  }

  #placeOfSet(set: number): number {
    return this.#region.at + (set & (this.#region.sets - 1)) * wordsPerSet;
  }

  #find(): number {
    for (let place = this.#set; place < this.#set + wordsPerSet; place += cellWords) {
      if (this.#isTagged(place)) return place;
    }
    return -1;
  }

  #isTagged(place: number): boolean {
    return Atomics.load(this.#words, place + 1) >>> tagShift === this.#tag;
  }

  #load(place: number): bigint {
    const found = Atomics.load(this.#cells, place / cellWords);
    this.#whole[0] = found;
    return found;
  }

  #swap(place: number, found: bigint, next: bigint): boolean {
    return Atomics.compareExchange(this.#cells, place / cellWords, found, next) === found;
  }

  #isOurs(): boolean {
    return this.#loadedTag() === this.#tag;
  }

  #loadedTag(): number {
    return (this.#halves[1] as number) >>> tagShift;
  }

  #isPending(): boolean {
    return ((this.#halves[1] as number) & pendingBit) !== 0;
  }

  #value(): number {
    return ((this.#halves[1] as number) & highBits) * wordRange + ((this.#halves[0] as number) >>> 0);
  }

  #worth(): number {
    if (this.#loadedTag() === 0) return -Infinity;
    return this.#isPending() ? Infinity : this.#law.worth(this.#value(), this.#now);
  }

  #cellOf(value: number): bigint {
    this.#halves[0] = value | 0;
    this.#halves[1] = (this.#tag << tagShift) | Math.floor(value / wordRange);
    return this.#whole[0] as bigint;
  }

  #pendingCell(): bigint {
    this.#halves[0] = this.#turn;
    this.#halves[1] = (this.#tag << tagShift) | pendingBit | this.#thread;
    return this.#whole[0] as bigint;
  }
}
