import type { Time, Timer } from "../../runtime/host.ts";

/** Something that happens unless it is stopped before. */
export interface Deadline {
  /** Stopping twice, or after it happened, is harmless. */
  stop(): void;
}

/** Many deadlines on one timer. */
export interface Deadlines {
  /** Runs once after `delayMs`, at most a tick late. */
  after(delayMs: number, run: () => void): Deadline;
}

const TICK_MS = 20;
const SLOTS = 512;

/**
 * A timing wheel: starting and stopping a deadline is a few pointer moves, where a timer of the runtime's would be a
 * sorted insertion and a system call. It turns only while something waits.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 6.
 */
export function createDeadlines(time: Time): Deadlines {
  const slots = Array.from({ length: SLOTS }, () => new Entry(0, nothing));
  let now = 0; // in ticks
  let startedMs = 0;
  let waiting = 0;
  let timer: Timer | undefined;

  function turn(): void {
    const due = Math.floor((time.monotonicMs() - startedMs) / TICK_MS);
    while (now < due && waiting > 0) {
      now++;
      fire(slots[now % SLOTS] as Entry);
    }
    if (waiting > 0) return;
    timer?.stop();
    timer = undefined;
  }

  function fire(head: Entry): void {
    for (let entry = head.next; entry !== head;) {
      const { next } = entry;
      if (entry.at <= now) {
        entry.stop();
        entry.run();
      }
      // A deadline that ran may have stopped the next one, which then leads nowhere: look from the head again.
      entry = next.next === next && next !== head ? head.next : next;
    }
  }

  function start(): void {
    now = 0;
    startedMs = time.monotonicMs();
    timer = time.every(TICK_MS, turn);
  }

  function leave(): void {
    waiting--;
  }

  return {
    after(delayMs, run) {
      if (timer === undefined) start();
      const elapsed = time.monotonicMs() - startedMs;
      const at = Math.max(now + 1, Math.ceil((elapsed + delayMs) / TICK_MS));
      const entry = new Entry(at, run, leave);
      entry.joinBefore(slots[at % SLOTS] as Entry);
      waiting++;
      return entry;
    },
  };
}

/** A link of a slot's ring; the slot's head is one too. One that stands alone points to itself. */
class Entry implements Deadline {
  readonly at: number;
  readonly run: () => void;
  readonly #leave: (() => void) | undefined;
  next: Entry = this;
  previous: Entry = this;

  constructor(at: number, run: () => void, leave?: () => void) {
    this.at = at;
    this.run = run;
    this.#leave = leave;
  }

  joinBefore(head: Entry): void {
    this.next = head;
    this.previous = head.previous;
    head.previous.next = this;
    head.previous = this;
  }

  stop(): void {
    if (this.next === this) return;
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.next = this;
    this.previous = this;
    this.#leave?.();
  }
}

function nothing(): void {}
