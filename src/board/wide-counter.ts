/**
 * Adds to a counter that outgrows 32 bits, in two words and without a lock.
 *
 * The low word keeps 31 bits of the sum and, on top, the parity of the carries; the high word counts the carries. A
 * reader that comes between the two additions sees that the parities differ, and knows that one carry is on its way:
 * so nobody ever sees a torn sum, not even when a worker dies between the two. It would take a second carry, which is
 * 2^31 more, while the first is still on its way.
 *
 * `amount` is a whole number, 0 or more.
 */
export function addWide(words: Int32Array, at: number, amount: number): void {
  if (amount > largestStep) {
    addInSteps(words, at, amount);
    return;
  }
  const before = Atomics.add(words, at, amount);
  if ((before ^ (before + amount)) < 0) Atomics.add(words, at + 1, 1); // the top bit flipped: a carry
}

/** Reads a counter that `addWide` writes; exact up to 2^53. */
export function readWide(words: Int32Array, at: number): number {
  const carries = Atomics.load(words, at + 1); // before the low word: it may lag behind, never run ahead
  const low = Atomics.load(words, at);
  const missing = (carries ^ (low >>> 31)) & 1;
  return (carries + missing) * carry + (low & 0x7fffffff);
}

/** Sets a counter to 0. Nobody may be adding to it. */
export function clearWide(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
  Atomics.store(words, at + 1, 0);
}

const carry = 2 ** 31;
const largestStep = 2 ** 30;

function addInSteps(words: Int32Array, at: number, amount: number): void {
  const pairs = Math.floor(amount / (2 * carry)); // carries in pairs leave their parity as it is
  Atomics.add(words, at + 1, 2 * pairs);
  let left = amount - pairs * 2 * carry;
  while (left > largestStep) {
    addWide(words, at, largestStep);
    left -= largestStep;
  }
  addWide(words, at, left);
}
