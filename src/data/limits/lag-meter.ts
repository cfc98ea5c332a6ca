import type { Board } from "../../board/board.ts";
import type { Time, Timer } from "../../runtime/host.ts";

/** How far behind a worker's event loop is. */
export interface LagMeter {
  /** The lag that a request meets which comes in now (monotonic ms), in ms. */
  lagMs(nowMs: number): number;
}

/** How often the loop is asked how late it is, ms. */
const BEAT_MS = 100;

/** Without a request for so long, ms, nothing is measured: an idle worker sleeps. */
const REST_AFTER_MS = 2_000;

/**
 * Measures by how much a timer comes late, and tells the board.
 *
 * A loop that hangs cannot run the timer; so the requests that have waited meanwhile are told the time that has passed
 * since it was due, and need not wait for it. The runtimes' own `monitorEventLoopDelay` costs more on both of them.
 */
export function createLagMeter(time: Time, board: Pick<Board, "beat">): LagMeter {
  return new DriftTimer(time, board);
}

class DriftTimer implements LagMeter {
  readonly #time: Time;
  readonly #board: Pick<Board, "beat">;
  #timer: Timer | undefined;
  #beatMs = 0;
  #lagMs = 0;
  #askedMs = 0;

  constructor(time: Time, board: Pick<Board, "beat">) {
    this.#time = time;
    this.#board = board;
  }

  lagMs(nowMs: number): number {
    this.#askedMs = nowMs;
    if (!this.#timer) this.#start(nowMs);
    return Math.max(this.#lagMs, nowMs - this.#beatMs - BEAT_MS);
  }

  #start(nowMs: number): void {
    this.#beatMs = nowMs;
    this.#lagMs = 0;
    this.#timer = this.#time.every(BEAT_MS, () => this.#beat(this.#time.monotonicMs()));
  }

  #beat(nowMs: number): void {
    this.#lagMs = Math.max(0, nowMs - this.#beatMs - BEAT_MS);
    this.#beatMs = nowMs;
    this.#board.beat(this.#lagMs, this.#time.now());
    if (nowMs - this.#askedMs > REST_AFTER_MS) this.#stop();
  }

  #stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }
}
