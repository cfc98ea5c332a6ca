import { fromBits, toBits } from "./float-word.ts";
import { ageOfMs, toStamp } from "./stamp.ts";

/** The time in which an average loses all but 1/e of its memory. */
export const ewmaTauMs = 10_000;

/** Moving averages on the board, each in two words (value, stamp) from `at`. */
export interface Ewma {
  /** Takes a value in: above the average it becomes the average at once, below it pulls by its share of time. */
  observe(at: number, value: number, nowMs: number): void;
  /**
   * The average, fading towards 0 while nothing is observed, so that a server that was slow is tried again one day;
   * NaN while nothing was ever observed.
   */
  read(at: number, nowMs: number): number;
}

/**
 * Peak-sensitive averages over these words.
 *
 * Writers divide time among them by exchanging the stamp: each interval belongs to exactly one of them, who then
 * applies its decay, w = exp(-dt / tau), to whatever the value is by then. So no lock is needed, no time is counted
 * twice, and the average stays between the least and the greatest observation. Within one millisecond only peaks count.
 *
 * Source: the peak-EWMA of Finagle and linkerd.
 */
export function createEwma(words: Int32Array): Ewma {
  return {
    observe(at, value, nowMs) {
      const stamp = toStamp(nowMs);
      const elapsedMs = ageOfMs(Atomics.exchange(words, at + 1, stamp), stamp);
      blend(words, at, { value: Math.max(value, leastValue), keep: decay(elapsedMs) });
    },
    read(at, nowMs) {
      const word = Atomics.load(words, at);
      if (word === unmeasured) return Number.NaN;
      return fromBits(word) * decay(ageOfMs(Atomics.load(words, at + 1), nowMs));
    },
  };
}

const unmeasured = 0; // the word of an average that was never fed

const leastValue = 1e-6; // 0 would read as unmeasured

function decay(elapsedMs: number): number {
  return elapsedMs > 0 ? Math.exp(-elapsedMs / ewmaTauMs) : 1; // a clock that was set back stands still for one observation
}

function blend(words: Int32Array, at: number, observation: { value: number; keep: number }): void {
  let word = Atomics.load(words, at);
  for (;;) {
    const next = toBits(blended(word, observation.value, observation.keep));
    const seen = Atomics.compareExchange(words, at, word, next);
    if (seen === word) return;
    word = seen;
  }
}

function blended(word: number, value: number, keep: number): number {
  const average = fromBits(word);
  if (word === unmeasured || value >= average) return value;
  return value + (average - value) * keep;
}
