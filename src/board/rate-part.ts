import type { RateLaw } from "./rates.ts";

/** The word that stands for all of a rate. */
export const wholePart = 65_536;

/** How far a debt may go beyond what is allowed, µs. */
export const latestUs = 10e6;

/** The word that stands for a part, 0..1: never 0, which stands for "not agreed yet". */
export function toPartWord(part: number): number {
  return Math.min(wholePart, Math.max(1, Math.round(part * wholePart)));
}

/** What a pass costs who holds only a part: as much longer to pay as the part is smaller. */
export function costOf(law: RateLaw, partWord: number): number {
  return Math.ceil((law.intervalUs * wholePart) / partWord);
}

/** What a key may owe at most: the burst, and for the smallest parts of small bursts one pass. */
export function mostDebt({ burstUs }: RateLaw, costUs: number): number {
  return Math.max(burstUs, costUs);
}

/** A debt that can be; one that cannot comes from a clock that was set, and counts as none. */
export function debtOf(debtUs: number, mostUs: number): number {
  return debtUs > mostUs + 2 * latestUs ? 0 : Math.max(0, debtUs);
}

/** The debt that leaves as many passes by the whole law as are left by the part. */
export function inLawsTerms(law: RateLaw, debtUs: number, costUs: number): number {
  const left = (mostDebt(law, costUs) - debtUs) / costUs;
  return Math.max(1, law.burstUs - left * law.intervalUs);
}
