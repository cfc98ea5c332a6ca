import { Header, tallyAt, TallyWord } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { codePlace, durationBucket, durationEdges, tallyCodes } from "./tally-codes.ts";
import { addWide, clearWide, readWide } from "./wide-counter.ts";

/** An exchange that is over. */
export interface EndedExchange {
  readonly status: number;
  /** From its beginning to the last byte, ms. */
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What was counted of the exchanges of one route that ended with one server. */
export interface Tally {
  /** The route's number; 0 = none. */
  readonly route: number;
  /** The server's row; -1 = none. */
  readonly row: number;
  /** How many ended with each of `tallyCodes`. */
  readonly codes: readonly number[];
  /** How many lasted up to each of `durationEdges`, and how many longer; not summed up. */
  readonly buckets: readonly number[];
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counters of exchanges by route and server, for metrics. */
export interface Tallies {
  /** Where exchanges of this route (0 = none) that end with this row (-1 = none) are counted; made where it is not yet. */
  tallyOf(route: number, row: number): number;
  /** Counts an exchange there. */
  tally(place: number, ended: EndedExchange): void;
  /** All that was counted. There may be two of one route and row: they add up. */
  readTallies(): Tally[];
}

/**
 * Places are given out in order and never taken back, so that whoever has one may keep it without asking again. Two threads
 * that look for the same one at once may make two. Where there are no more, exchanges count under no route and no server.
 */
export function createTallies(memory: Memory): Tallies {
  const { words, layout } = memory;
  return {
    tallyOf(route, row) {
      const key = keyOf(route, row);
      return findKey(memory, key) ?? takePlace(memory, key);
    },
    tally(place, ended) {
      const at = tallyAt(layout, place);
      addWide(words, at + TallyWord.codes + 2 * codePlace(ended.status), 1);
      addWide(words, at + TallyWord.buckets + 2 * durationBucket(ended.durationMs), 1);
      addWide(words, at + TallyWord.durationMicros, Math.max(0, Math.round(ended.durationMs * 1000)));
      if (ended.bytesIn > 0) addWide(words, at + TallyWord.bytesIn, ended.bytesIn);
      if (ended.bytesOut > 0) addWide(words, at + TallyWord.bytesOut, ended.bytesOut);
    },
    readTallies: () => placesInUse(memory).map((place) => readTally(words, tallyAt(layout, place))),
  };
}

/** Forgets what was counted with a row, before it becomes another server's. */
export function clearTallies(memory: Memory, row: number): void {
  const { words, layout } = memory;
  for (const place of placesInUse(memory)) {
    const at = tallyAt(layout, place);
    if (rowIn(Atomics.load(words, at + TallyWord.key)) !== row) continue;
    for (let word = TallyWord.durationMicros; word < TallyWord.words; word += 2) clearWide(words, at + word);
  }
}

/** Never 0, so that a place without a key is seen. */
function keyOf(route: number, row: number): number {
  return ((route << rowBits) | (row + 1)) + 1;
}

const rowBits = 15;

function routeIn(key: number): number {
  return (key - 1) >>> rowBits;
}

function rowIn(key: number): number {
  return ((key - 1) & (2 ** rowBits - 1)) - 1;
}

function placesInUse({ words, layout }: Memory): number[] {
  const used = Math.min(Atomics.load(words, Header.talliesUsed), layout.tallies);
  return Array.from({ length: used }, (_, place) => place).filter(
    (place) => Atomics.load(words, tallyAt(layout, place) + TallyWord.key) !== 0,
  );
}

function findKey(memory: Memory, key: number): number | undefined {
  const { words, layout } = memory;
  return placesInUse(memory).find(
    (place) => Atomics.load(words, tallyAt(layout, place) + TallyWord.key) === key,
  );
}

/** The first place is kept for those that find none. */
function takePlace(memory: Memory, key: number): number {
  const { words, layout } = memory;
  const place = Atomics.add(words, Header.talliesUsed, 1);
  if (place >= layout.tallies) return 0;
  Atomics.store(words, tallyAt(layout, place) + TallyWord.key, place === 0 ? nobody : key);
  return place === 0 && key !== nobody ? takePlace(memory, key) : place;
}

/** No route and no server. */
const nobody = keyOf(0, -1);

function readTally(words: Int32Array, at: number): Tally {
  const key = Atomics.load(words, at + TallyWord.key);
  const counters = (from: number, length: number) =>
    Array.from({ length }, (_, index) => readWide(words, at + from + 2 * index));
  return {
    route: routeIn(key),
    row: rowIn(key),
    codes: counters(TallyWord.codes, tallyCodes.length),
    buckets: counters(TallyWord.buckets, durationEdges.length + 1),
    durationMs: readWide(words, at + TallyWord.durationMicros) / 1000,
    bytesIn: readWide(words, at + TallyWord.bytesIn),
    bytesOut: readWide(words, at + TallyWord.bytesOut),
  };
}
