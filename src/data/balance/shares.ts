/**
 * Weights laid end to end, with a guide that finds in constant expected time whose weight covers a point.
 *
 * The guide holds, for each of `count` equal stretches, the candidate at its beginning; from there it is less than two
 * steps on average, whatever the weights. Unlike an alias table it also keeps the order, so that the same table serves
 * random draws, draws that leave one out, and round-robin.
 *
 * Source: Chen and Asau, "On Generating Random Variates from an Empirical Distribution", 1974.
 */
export class Shares {
  count = 0;
  total = 0;
  readonly #starts: Float64Array;
  readonly #guide: Int32Array;
  #stretchesPerWeight = 0;

  constructor(capacity: number) {
    this.#starts = new Float64Array(capacity + 1);
    this.#guide = new Int32Array(capacity + 1);
  }

  /** Forgets all weights. */
  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  /** Lays another weight, above 0, at the end. Call `finish` after the last. */
  add(weight: number): void {
    this.count++;
    this.total += weight;
    this.#starts[this.count] = this.total;
  }

  /** Makes the guide. */
  finish(): void {
    this.#stretchesPerWeight = this.count / this.total;
    let index = 0;
    for (let stretch = 0; stretch < this.count; stretch++) {
      while (this.start(index + 1) * this.#stretchesPerWeight <= stretch) index++;
      this.#guide[stretch] = index;
    }
    this.#guide[this.count] = this.count - 1; // for points that rounding carries to the end
  }

  /** Whose weight covers this point, from 0 up to `total`. */
  at(point: number): number {
    let index = this.#guide[(point * this.#stretchesPerWeight) | 0] as number;
    while ((this.#starts[index + 1] as number) <= point) index++;
    return index;
  }

  /** Where a weight begins; for the index after the last, where all of them end. */
  start(index: number): number {
    return this.#starts[index] as number;
  }
}
