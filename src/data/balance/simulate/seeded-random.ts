/**
 * A generator of numbers in [0, 1) that gives the same ones for the same seed: sfc32, whose period is at least 2^32 and
 * 2^127 on average.
 *
 * Source: Doty-Humphrey, PractRand.
 */
export function createSeededRandom(seed: number): () => number {
  let a = 0;
  let b = seed | 0;
  let c = (seed / 2 ** 32) | 0;
  let counter = 1;
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }
  for (let round = 0; round < 12; round++) next(); // until seeds that are alike give numbers that are not
  return next;
}
