import type { Time, Timer } from "../runtime/host.ts";

/** Something that happens unless it is stopped before. */
export interface Deadline {
  /** Stopping twice, or after it happened, is harmless. */
  stop(): void;
}

/** Many deadlines on one timer. */
export interface Deadlines {
  /** Runs once after `delayMs`, at most a tick late. Who has just looked at the monotonic clock says what it showed. */
  after(delayMs: number, run: () => void, nowMs?: number): Deadline;
}

/**
 * Creates a timing wheel: starting and stopping a deadline is a few pointer moves, where a timer of the runtime's would
 * be a sorted insertion and a system call. It turns only while something waits.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 6.
 */
export function createDeadlines(time: Time): Deadlines {
  return new Wheel(time);
}

const TICK_MS = 20;
const SLOTS = 512;

class Wheel implements Deadlines {
  waiting = 0;
  readonly #time: Time;
  readonly #slots: readonly Entry[];
  #tick = 0;
  #startedMs = 0;
  #timer: Timer | undefined;

  constructor(time: Time) {
    this.#time = time;
    this.#slots = Array.from({ length: SLOTS }, () => new Entry(this, 0, nothing));
  }

  after(delayMs: number, run: () => void, nowMs = this.#time.monotonicMs()): Deadline {
    if (this.#timer === undefined) this.#start(nowMs);
    const dueMs = nowMs - this.#startedMs + delayMs;
    const entry = new Entry(this, Math.max(this.#tick + 1, Math.ceil(dueMs / TICK_MS)), run);
    entry.joinBefore(this.#slots[entry.at % SLOTS] as Entry);
    this.waiting++;
    return entry;
  }

  #start(nowMs: number): void {
    this.#tick = 0;
    this.#startedMs = nowMs;
    this.#timer = this.#time.every(TICK_MS, () => this.#turn());
  }

  #turn(): void {
    const now = Math.floor((this.#time.monotonicMs() - this.#startedMs) / TICK_MS);
    while (this.#tick < now && this.waiting > 0) {
      this.#tick++;
      fire(this.#slots[this.#tick % SLOTS] as Entry, this.#tick);
    }
    if (this.waiting > 0) return;
    this.#timer?.stop();
    this.#timer = undefined;
  }
}

/** Runs what is due in a slot; the rest waits for a later round. */
function fire(head: Entry, tick: number): void {
  for (let entry = head.next; entry !== head;) {
    const { next } = entry;
    if (entry.at <= tick) {
      entry.stop();
      entry.run();
    }
    // What ran may have stopped the next one, which then leads nowhere: look from the head again.
    entry = next.isAlone() && next !== head ? head.next : next;
  }
}

/** A link of a slot's ring; the slot's head is one too. One that stands alone points to itself. */
class Entry implements Deadline {
  readonly at: number;
  readonly run: () => void;
  next: Entry = this;
  readonly #wheel: Wheel;
  #previous: Entry = this;

  constructor(wheel: Wheel, at: number, run: () => void) {
    this.#wheel = wheel;
    this.at = at;
    this.run = run;
  }

  isAlone(): boolean {
    return this.next === this;
  }

  joinBefore(head: Entry): void {
    this.next = head;
    this.#previous = head.#previous;
    head.#previous.next = this;
    head.#previous = this;
  }

  stop(): void {
    if (this.isAlone()) return;
    this.#previous.next = this.next;
    this.next.#previous = this.#previous;
    this.next = this;
    this.#previous = this;
    this.#wheel.waiting--;
  }
}

function nothing(): void {}
