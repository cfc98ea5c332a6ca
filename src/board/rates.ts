import { cellRange, Cells } from "./cells.ts";
import type { CellLaw } from "./cells.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { rateRegion } from "./layout.ts";
import type { Memory } from "./memory.ts";

/** A limit of a rate: so many at once, and one more each interval. */
export interface Rate {
  /** How many pass at once. */
  readonly burst: number;
  /** So many... */
  readonly count: number;
  /** ...in this time, ms. */
  readonly perMs: number;
}

/** How often each key may pass, exact over all threads. */
export interface Rates {
  /**
   * Takes one pass for a key under a law. What comes back is above 0 where it passed: the debt, in µs, that is 0 again when
   * the whole burst may pass; and below 0 where it did not: how long to wait, in µs.
   */
  takeRate(law: RateLaw, key: string, nowMs: number): number;
  /** Gives back what was just taken. */
  giveBackRate(law: RateLaw, key: string, nowMs: number): void;
}

/**
 * The generic cell rate algorithm, "virtual scheduling": a key's whole state is the instant at which its debt is paid.
 * Passing is refused while that lies further ahead than a burst. Nothing has to run in between, and the debt of a key
 * that has paid needs no memory: its cell may go to another.
 *
 * Never more pass than burst + rate × time; an interval that is no whole number of µs is rounded up, never down. A debt
 * that cannot be (the clock was set back) counts as none.
 *
 * Source: ITU-T I.371, annex A; Brandur Leach, "Rate limiting, cells, and GCRA", 2015.
 */
export class RateLaw implements CellLaw {
  /** Tells the keys of this law from the same ones of another. */
  readonly scope: number;
  readonly intervalUs: number;
  /** What a key may owe at most. */
  readonly burstUs: number;
  readonly givingBack: CellLaw;

  constructor(scope: number, { burst, count, perMs }: Rate) {
    this.scope = scope;
    this.intervalUs = Math.max(1, Math.ceil((perMs * 1000) / count));
    this.burstUs = Math.max(this.intervalUs, Math.min(burst * this.intervalUs, longestDebtUs));
    this.givingBack = {
      next: (paidAt) => (paidAt < 0 ? -1 : wrap(paidAt - this.intervalUs)),
      worth: debtUs,
    };
  }

  next(paidAt: number, nowUs: number): number {
    const after = this.owedUs(paidAt, nowUs) + this.intervalUs;
    return after > this.burstUs ? -1 : wrap(nowUs + after);
  }

  /** The least debt goes first: the oldest that is paid, or else the one that is nearest to it. */
  worth(paidAt: number, nowUs: number): number {
    return debtUs(paidAt, nowUs);
  }

  /** What a key owes. */
  owedUs(paidAt: number, nowUs: number): number {
    const debt = paidAt < 0 ? 0 : debtUs(paidAt, nowUs);
    return debt > this.burstUs + toleratedUs ? 0 : Math.max(0, debt);
  }
}

/** The rates of this memory. */
export function createRates({ words, layout, workerIndex, seed }: Memory): Rates {
  const cells = new Cells(words, rateRegion(layout), workerIndex);
  const hash = new KeyedHash(seed);
  return {
    takeRate: (law, key, nowMs) => takeFrom(cells, law, { key: hash.text(law.scope, key), nowMs }),
    giveBackRate(law, key, nowMs) {
      cells.use(hash.text(law.scope, key), law.givingBack, toUs(nowMs));
    },
  };
}

/** Takes one pass for a key out of cells, as `takeRate` does. */
export function takeFrom(
  cells: Cells,
  law: RateLaw,
  { key, nowMs }: { readonly key: KeyedHash; readonly nowMs: number },
): number {
  const nowUs = toUs(nowMs);
  const paidAt = cells.use(key, law, nowUs);
  if (paidAt >= 0) return debtUs(paidAt, nowUs);
  return law.burstUs - law.intervalUs - law.owedUs(cells.found, nowUs);
}

/** Frees paid cells a part at a time: all of them within an hour, if it is called every second. */
export function createRateSweep({ words, layout, workerIndex }: Memory): (nowMs: number) => void {
  const region = rateRegion(layout);
  const cells = new Cells(words, region, workerIndex);
  const count = Math.ceil(region.sets / 3600);
  let from = 0;
  return (nowMs) => {
    cells.sweep({ from, count }, paidLaw, toUs(nowMs));
    from = (from + count) % region.sets;
  };
}

const paidLaw: CellLaw = { next: () => -1, worth: debtUs };

/** Instants are µs modulo the range of a cell, which is 152 hours: half of it lies ahead. */
const longestDebtUs = 72 * 3600 * 1e6;

/** Threads look at the clock one after the other. */
const toleratedUs = 10e6;

function toUs(nowMs: number): number {
  return wrap(Math.floor(nowMs * 1000));
}

function wrap(us: number): number {
  return us - Math.floor(us / cellRange) * cellRange;
}

/** How far ahead an instant lies; below 0 where it is past. */
function debtUs(paidAt: number, nowUs: number): number {
  return wrap(paidAt - nowUs + cellRange / 2) - cellRange / 2;
}
