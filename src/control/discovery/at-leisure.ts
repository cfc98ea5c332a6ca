import type { Time, Timer } from "../../runtime/host.ts";

/** From one run to the next, at least, ms. */
const apartMs = 50;

/** However long a run takes, nine times as long is left to others: they may be requests. */
const restRatio = 9;

/**
 * Runs something soon after it is asked for, and once for all that asked meanwhile: at once after a rest, and never for more than
 * a tenth of the time.
 */
export class AtLeisure {
  readonly #time: Pick<Time, "after" | "monotonicMs">;
  readonly #run: () => void;
  #timer: Timer | undefined;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(time: Pick<Time, "after" | "monotonicMs">, run: () => void) {
    this.#time = time;
    this.#run = run;
  }

  /** Asks for a run. */
  request(): void {
    if (this.#timer) return;
    const restMs = this.#restsUntilMs - this.#time.monotonicMs();
    if (restMs <= 0) this.#now();
    else this.#timer = this.#time.after(restMs, () => this.#now());
  }

  stop(): void {
    this.#timer?.stop();
  }

  #now(): void {
    this.#timer = undefined;
    const beganAtMs = this.#time.monotonicMs();
    this.#run();
    const endedAtMs = this.#time.monotonicMs();
    this.#restsUntilMs = endedAtMs + Math.max(apartMs, restRatio * (endedAtMs - beganAtMs));
  }
}
