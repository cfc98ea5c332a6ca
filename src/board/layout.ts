import { cellWords, waysPerSet } from "./cells.ts";
import type { CellRegion } from "./cells.ts";
import { refuseImpossible } from "./refuse-size.ts";

/** How large a board is. */
export interface BoardSize {
  /** Rows: one for each server, and a few more. Memory is committed only where a row is used. */
  readonly capacity: number;
  /** Data-plane threads. */
  readonly workers: number;
  /** Clients that limits keep in mind: a power of two, at least 64; default 1024. */
  readonly clients?: number;
}

/**
 * Where everything stands on the board, in 32-bit words.
 *
 * | region    | one for each           | words          | holds                                                        |
 * | --------- | ---------------------- | -------------- | ------------------------------------------------------------ |
 * | header    | board                  | 64             | layout number, capacity, workers, version, rows in use       |
 * | counters  | named counter          | 2              | a wide counter: refusals by reason and the like              |
 * | workers   | worker, control plane  | 16             | heartbeat, lag, connections, exchanges, waiting              |
 * | shares    | worker × row           | 1              | what this worker holds of the row's in-flight                |
 * | rows      | row                    | 64             | line 0 workers write, line 1 control plane writes, 2-3 totals |
 * | recent    | row × second of 64     | 4              | tag, requests, failures, retries                             |
 * | slots     | row × 10 s of 32       | 8 + 408        | tag, requests, errors, sum; the histogram's buckets          |
 * | rates     | client that is counted | 2              | a cell: until when a key of a rate limit is in debt          |
 * | holds     | client that is counted | 2              | a cell: how many a key has under way                         |
 * | leases    | worker × client / 4    | 1              | the cell of "holds" that this worker holds one of            |
 * | bans      | client / 8             | 8              | a client, its refusals, its ban                              |
 * | tallies   | row × 4, 32768 at most | 120            | exchanges of a route that ended with a server, for metrics   |
 * | shared    | client / 8             | 8              | a key of a rate that nodes share, its uses, its lease        |
 *
 * A region that a later feature needs is appended to this table; word offsets of the others stay.
 * Rows begin on cache lines of 64 bytes. Memory that nobody touched costs address space only, because the system commits
 * it page by page: so nothing here may walk over rows that are not in use.
 */
export interface Layout {
  readonly capacity: number;
  readonly workers: number;
  readonly workersAt: number;
  readonly sharesAt: number;
  readonly rowsAt: number;
  readonly recentAt: number;
  readonly slotsAt: number;
  /** Sets of eight cells in "rates", and as many in "holds". */
  readonly cellSets: number;
  readonly ratesAt: number;
  readonly holdsAt: number;
  /** Leases of one worker. */
  readonly leases: number;
  readonly leasesAt: number;
  /** Sets of eight entries in "bans". */
  readonly banSets: number;
  readonly bansAt: number;
  readonly tallies: number;
  readonly talliesAt: number;
  /** Sets of eight entries in "shared". */
  readonly sharedSets: number;
  readonly sharedAt: number;
  readonly totalWords: number;
}

/** Words of the header. */
export const Header = {
  layoutNumber: 0,
  capacity: 1,
  workers: 2,
  rowsInUse: 3,
  clients: 4,
  seed: 5, // two words
  lastBanEnds: 7,
  talliesUsed: 8,
  sharedPart: 9,
  version: 16,
  words: 64,
} as const;

/** Changes whenever the meaning of a word changes: a board is never opened by code that reads it otherwise. */
export const layoutNumber = 4;

/** How many named counters there are. */
export const namedCounters = 256;

/** Words of one worker. */
export const WorkerWord = {
  heartbeatAt: 0,
  lag: 1,
  connections: 2,
  exchanges: 3,
  waiting: 4,
  words: 16,
} as const;

/** Words of one row: the first line is hot, the second read-mostly, the rest wide counters (two words each). */
export const RowWord = {
  inflight: 0,
  ewma: 1,
  ewmaAt: 2,
  failuresInARow: 3,
  failedAt: 4,
  load: 5,
  loadAt: 6,
  loadInflight: 7,
  turns: 8,
  state: 16,
  weight: 17,
  upAt: 18,
  trialAt: 19,
  inflightElsewhere: 20,
  loadElsewhere: 21,
  loadElsewhereAt: 22,
  loadElsewhereInflight: 23,
  requests: 32,
  errors: 34,
  retries: 36,
  bytesIn: 38,
  bytesOut: 40,
  responses: 42,
  responseMicros: 44,
  statuses: 46, // five wide counters: 1xx to 5xx
  words: 64,
} as const;

/** Words of one slot of the window of 5 minutes; the buckets follow. */
export const SlotWord = { tag: 0, requests: 1, errors: 2, sumMicros: 4, buckets: 8 } as const;

/** Words of one second of the recent past. */
export const RecentWord = { tag: 0, requests: 1, failures: 2, retries: 3, words: 4 } as const;

/** Words of one entry of "bans". */
export const BanWord = {
  owner: 0, // 4 or 6: the version of the address; 0 = free
  high: 1,
  low: 2,
  since: 3,
  refusals: 4,
  until: 5,
  reason: 6,
  words: 8,
} as const;

/** Words of one tally; all but the first are wide counters. */
export const TallyWord = {
  key: 0,
  durationMicros: 2,
  bytesIn: 4,
  bytesOut: 6,
  codes: 8,
  buckets: 88, // 16 of them; there is room for 40 codes
  words: 120,
} as const;

/** Words of one entry of "shared"; the first four are two of 64 bits. */
export const SharedWord = {
  id: 0, // a hash of the key; 0 = free
  paidAt: 2,
  part: 4, // of the whole rate, in 65536ths; 0 = as the header says for all
  asked: 5,
  passed: 6,
  scope: 7,
  words: 8,
} as const;

/** Entries of one set of "bans". */
export const waysPerBanSet = 8;

/** Entries of one set of "shared". */
export const waysPerSharedSet = 8;

/** Buckets of the histogram: with 408 over 0.05 ms to 10 min, a bucket's middle is within 2 % of all that it holds. */
export const bucketCount = 408;
/** Slots in the ring: two more than the window, so that slots can be cleared before their time comes. */
export const slotRing = 32;
/** Seconds in the ring of the recent past. */
export const recentRing = 64;

const defaultClients = 1024;
const mostTallies = 32_768;
const slotWords = SlotWord.buckets + bucketCount;
const counterWords = 2;

/** Computes the offsets of a board of this size. Throws a RangeError when that is not possible. */
export function layoutOf(capacity: number, workers: number, clients = defaultClients): Layout {
  const workersAt = Header.words + namedCounters * counterWords;
  const sharesAt = workersAt + (workers + 1) * WorkerWord.words;
  const rowsAt = alignLine(sharesAt + (workers + 1) * capacity);
  const recentAt = rowsAt + capacity * RowWord.words;
  const slotsAt = recentAt + capacity * recentRing * RecentWord.words;
  const rows = { capacity, workers, workersAt, sharesAt, rowsAt, recentAt, slotsAt };
  const tables = layoutClients(slotsAt + capacity * slotRing * slotWords, workers, clients);
  const tallies = Math.min(4 * capacity, mostTallies);
  const talliesAt = alignLine(tables.endsAt);
  const sharedAt = alignLine(talliesAt + tallies * TallyWord.words);
  const sharedSets = clients / 8 / waysPerSharedSet;
  const totalWords = sharedAt + (clients / 8) * SharedWord.words;
  const layout = { ...rows, ...tables, tallies, talliesAt, sharedSets, sharedAt, totalWords };
  refuseImpossible(layout, clients);
  return layout;
}

/** Tables of clients lie behind all that lies in rows. */
function layoutClients(ratesAt: number, workers: number, clients: number) {
  const leases = clients / 4;
  const holdsAt = ratesAt + clients * cellWords;
  const listsAt = holdsAt + clients * cellWords;
  const bansAt = listsAt + (workers + 1) * leases;
  return {
    cellSets: clients / waysPerSet,
    ratesAt,
    holdsAt,
    leases,
    leasesAt: listsAt,
    banSets: clients / 8 / waysPerBanSet,
    bansAt,
    endsAt: bansAt + (clients / 8) * BanWord.words,
  };
}

/** The first word of a named counter. Throws a RangeError where there is none, so that no worker's words are hit. */
export function counterAt(index: number): number {
  if (!(index >= 0 && index < namedCounters)) {
    throw new RangeError(`Cannot find counter ${index}: there are ${namedCounters}`);
  }
  return Header.words + index * counterWords;
}

/** The first word of a worker; index `workers` is the control plane's. */
export function workerAt(layout: Layout, worker: number): number {
  return layout.workersAt + worker * WorkerWord.words;
}

/** The first word of a row. */
export function rowAt(layout: Layout, row: number): number {
  return layout.rowsAt + row * RowWord.words;
}

/** The first word of the ring position that `second` falls on. */
export function secondAt(layout: Layout, row: number, second: number): number {
  return layout.recentAt + (row * recentRing + (second & (recentRing - 1))) * RecentWord.words;
}

/** The first word of the ring position that `slot` falls on. */
export function slotAt(layout: Layout, row: number, slot: number): number {
  return layout.slotsAt + (row * slotRing + (slot & (slotRing - 1))) * slotWords;
}

/** The first word of a worker's leases. */
export function leasesAt(layout: Layout, worker: number): number {
  return layout.leasesAt + worker * layout.leases;
}

/** The first word of an entry of "bans". */
export function banEntryAt(layout: Layout, place: number): number {
  return layout.bansAt + place * BanWord.words;
}

/** The first word of a tally. */
export function tallyAt(layout: Layout, place: number): number {
  return layout.talliesAt + place * TallyWord.words;
}

/** The first word of an entry of "shared". */
export function sharedEntryAt(layout: Layout, place: number): number {
  return layout.sharedAt + place * SharedWord.words;
}

/** The cells of rate limits. */
export function rateRegion({ ratesAt, cellSets }: Layout): CellRegion {
  return { at: ratesAt, sets: cellSets };
}

/** The cells of what is under way. */
export function holdRegion({ holdsAt, cellSets }: Layout): CellRegion {
  return { at: holdsAt, sets: cellSets };
}

function alignLine(word: number): number {
  return Math.ceil(word / 16) * 16;
}
