import type { Time, Timer } from "../../runtime/host.ts";

/** Spans on their way out: JSON objects with commas between them. */
export interface Spans {
  readonly count: number;
  readonly text: string;
}

/** Takes spans that are over. */
export type TakeSpans = (spans: Spans) => void;

/** How long a span waits for company, ms. */
const BATCH_MS = 1_000;

/** A batch of this length goes at once, in characters. */
const BATCH_LENGTH = 128 * 1024;

/** Collects the spans of one worker and hands them on together. */
export class SpanBatch {
  readonly #take: TakeSpans;
  readonly #time: Time;
  #text = "";
  #count = 0;
  #timer: Timer | undefined;

  constructor(take: TakeSpans, time: Time) {
    this.#take = take;
    this.#time = time;
  }

  /** Takes a span, as JSON. Never waits. */
  add(span: string): void {
    this.#text += this.#count === 0 ? span : `,${span}`;
    this.#count++;
    if (this.#text.length >= BATCH_LENGTH) this.flush();
    else this.#timer ??= this.#time.after(BATCH_MS, () => this.flush());
  }

  /** Hands on what there is. */
  flush(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    if (this.#count === 0) return;
    const spans = { count: this.#count, text: this.#text };
    this.#text = "";
    this.#count = 0;
    this.#take(spans);
  }
}
