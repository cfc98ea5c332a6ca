import type { Spans } from "../../data/trace/span-batch.ts";

/** Spans that wait beyond this are not taken any more: a collector that is away must not fill the memory. */
export const mostWaiting = { spans: 16_384, length: 16 * 1024 * 1024 };

/** What is sent at once, at most; collectors take 4 MiB and more. */
const mostAtOnce = { spans: 2_048, length: 1024 * 1024 };

/** Spans that wait to be sent, in the order in which they came. */
export class SpanQueue {
  #waiting: Spans[] = [];
  #count = 0;
  #length = 0;

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** Takes spans in; false where there is no room. */
  add(spans: Spans): boolean {
    const isFull =
      this.#count + spans.count > mostWaiting.spans || this.#length + spans.text.length > mostWaiting.length;
    if (isFull) return false;
    this.#waiting.push(spans);
    this.#count += spans.count;
    this.#length += spans.text.length;
    return true;
  }

  /** Takes out what can be sent at once; undefined where nothing waits. */
  take(): Spans | undefined {
    const taken = this.#waiting.slice(0, this.#lengthOfBatch());
    if (taken.length === 0) return undefined;
    this.#waiting = this.#waiting.slice(taken.length);
    const batch = {
      count: taken.reduce((sum, { count }) => sum + count, 0),
      text: taken.map(({ text }) => text).join(","),
    };
    this.#count -= batch.count;
    this.#length -= taken.reduce((sum, { text }) => sum + text.length, 0);
    return batch;
  }

  /** Forgets all that waits; says how many that were. */
  clear(): number {
    const lost = this.#count;
    this.#waiting = [];
    this.#count = 0;
    this.#length = 0;
    return lost;
  }

  /** How many of the first make a batch: one at least, however long it is. */
  #lengthOfBatch(): number {
    let [spans, length] = [0, 0];
    const over = this.#waiting.findIndex(({ count, text }) => {
      spans += count;
      length += text.length;
      return spans > mostAtOnce.spans || length > mostAtOnce.length;
    });
    return over === -1 ? this.#waiting.length : Math.max(1, over);
  }
}
