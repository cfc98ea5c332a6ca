import type { Deadline, Deadlines } from "../deadlines.ts";
import type { Server } from "./server.ts";

/** How long a line may get, and how long one waits in it. */
export interface WaitingLineOptions {
  readonly size: number;
  readonly timeoutMs: number;
  readonly deadlines: Deadlines;
  /** Hears that so many more, or fewer, wait. */
  readonly changed?: (change: number) => void;
}

/** How long a client waits. */
export interface Patience {
  /** Aborted when it leaves. */
  readonly signal: AbortSignal;
  /** What is left of the time for its whole exchange, ms; Infinity = no such limit. */
  readonly mostMs: number;
}

/** A place in the line. */
interface Waiting {
  readonly take: () => Server | undefined;
  readonly resolve: (server: Server | undefined) => void;
  deadline: Deadline | undefined;
}

/** How often the line looks for room that another worker made, ms. */
const LOOK_EVERY_MS = 20;

/** Requests that wait, first come first served, until a server has room again. */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #waiting: Waiting[] = [];
  #look: Deadline | undefined;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  /** Whether somebody waits, behind whom a newcomer has to stand. */
  isWaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits until `take` gives a server; undefined where the line is full, the time is up or the client leaves. */
  join(take: () => Server | undefined, { signal, mostMs }: Patience): Promise<Server | undefined> {
    const { size, timeoutMs, deadlines } = this.#options;
    if (this.#waiting.length >= size) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting: Waiting = { take, resolve, deadline: undefined };
      waiting.deadline = deadlines.after(Math.min(timeoutMs, mostMs), () => this.#leave(waiting, undefined));
      signal.addEventListener("abort", () => this.#leave(waiting, undefined), { once: true });
      this.#waiting.push(waiting);
      this.#options.changed?.(1);
      this.#watch();
    });
  }

  /** Serves from the front while there is room. */
  wake(): void {
    for (let head = this.#waiting[0]; head; head = this.#waiting[0]) {
      const server = head.take();
      if (!server) return;
      this.#leave(head, server);
    }
  }

  #leave(waiting: Waiting, server: Server | undefined): void {
    const place = this.#waiting.indexOf(waiting);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    this.#options.changed?.(-1);
    waiting.deadline?.stop();
    waiting.resolve(server);
  }

  #watch(): void {
    if (this.#look) return;
    this.#look = this.#options.deadlines.after(LOOK_EVERY_MS, () => {
      this.#look = undefined;
      this.wake();
      if (this.isWaited()) this.#watch();
    });
  }
}
