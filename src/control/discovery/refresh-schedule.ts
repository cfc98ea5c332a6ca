import type { Time, Timer } from "../../runtime/host.ts";

/** What a schedule runs, and when. */
export interface RefreshScheduleOptions {
  readonly time: Pick<Time, "after" | "monotonicMs">;
  /** Takes in what has changed; false where it could not, and has to be tried again. */
  readonly run: () => Promise<boolean>;
}

/** Changes that come one after the other are taken in together, ms. */
const gatherMs = 100;

/** From one time to the next, at least, ms: a source that never rests shall not keep the workers busy. */
const apartMs = 250;

/** A refusal is asked again after this time, ms. */
const againMs = 1_000;

/** Takes in changes of servers soon, several at once, and one time after the other. */
export class RefreshSchedule {
  readonly #options: RefreshScheduleOptions;
  #timer: Timer | undefined;
  #isRunning = false;
  #isWanted = false;
  #isStopped = false;
  #ranAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RefreshScheduleOptions) {
    this.#options = options;
  }

  /** Something has changed. */
  request(): void {
    const sinceMs = this.#options.time.monotonicMs() - this.#ranAtMs;
    this.#requestIn(Math.max(gatherMs, apartMs - sinceMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
  }

  #requestIn(delayMs: number): void {
    this.#isWanted = true;
    if (this.#timer || this.#isRunning || this.#isStopped) return;
    this.#timer = this.#options.time.after(delayMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#isWanted = false;
    this.#isRunning = true;
    this.#ranAtMs = this.#options.time.monotonicMs();
    const isDone = await this.#options.run();
    this.#isRunning = false;
    if (!isDone) this.#requestIn(againMs);
    else if (this.#isWanted) this.request();
  }
}
