/** Things that will happen, earliest first: a binary heap over typed arrays, each thing a small number. */
export class EventQueue {
  #count = 0;
  #times = new Float64Array(1024);
  #things = new Int32Array(1024);

  /** When the next happens; Infinity where nothing will. */
  get nextAt(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** Adds a thing. */
  push(at: number, thing: number): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#rise(this.#count++, at, thing);
  }

  /** Takes the next thing out; there must be one. */
  pop(): number {
    const thing = this.#things[0] as number;
    this.#count--;
    if (this.#count > 0) this.#sink(this.#times[this.#count] as number, this.#things[this.#count] as number);
    return thing;
  }

  #rise(from: number, at: number, thing: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((this.#times[parent] as number) <= at) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, at, thing);
  }

  #sink(at: number, thing: number): void {
    let place = 0;
    for (let child = 1; child < this.#count; child = 2 * place + 1) {
      if (this.#isLater(child, child + 1)) child++;
      if ((this.#times[child] as number) >= at) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, at, thing);
  }

  #isLater(place: number, other: number): boolean {
    return other < this.#count && (this.#times[other] as number) < (this.#times[place] as number);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#things[from] as number);
  }

  #put(place: number, at: number, thing: number): void {
    this.#times[place] = at;
    this.#things[place] = thing;
  }

  #grow(): void {
    const [times, things] = [this.#times, this.#things];
    this.#times = new Float64Array(times.length * 2);
    this.#things = new Int32Array(things.length * 2);
    this.#times.set(times);
    this.#things.set(things);
  }
}
