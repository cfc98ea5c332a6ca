import { isDeepStrictEqual } from "node:util";
import type { TracingConfig } from "../../config/config.ts";
import type { Spans } from "../../data/trace/span-batch.ts";
import type { Host, Timer } from "../../runtime/host.ts";
import type { Log } from "../log.ts";
import { type Collector, createCollector, type Verdict } from "./collector.ts";
import { frameOf } from "./resource.ts";
import { SpanQueue } from "./span-queue.ts";

/** What an exporter works with. */
export interface ExporterOptions {
  readonly host: Host;
  readonly log: Log;
}

/** What became of the spans so far. */
export interface SpanCounts {
  readonly exported: number;
  /** There was no room, since the collector was away or slow. */
  readonly overflowed: number;
  /** The collector would not take them. */
  readonly refused: number;
}

/** After a failure it is tried again after this time, ms, twice as long each time, up to the second number. */
const backoffMs = { first: 1_000, longest: 30_000 };

/** However long a collector asks us to stay away, it is asked again after this time, ms. */
const MOST_AWAY_MS = 300_000;

/** How long a shutdown waits for a collector, ms. */
const FLUSH_MS = 3_000;

/** How often a log says that spans are lost, ms. */
const TELL_MS = 60_000;

/**
 * Sends the spans of all workers to the collector, one batch after the other, off the path of requests. What a collector
 * does not take for a while waits, up to a bound; what is lost is counted, and told.
 */
export class SpanExporter {
  readonly #options: ExporterOptions;
  readonly #queue = new SpanQueue();
  #counts: SpanCounts = { exported: 0, overflowed: 0, refused: 0 };
  #config: TracingConfig | undefined;
  #collector: Collector | undefined;
  #sending: Promise<void> | undefined;
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined;
  #inHand = 0;
  #failures = 0;
  #isClosing = false;
  #told = { at: Number.NEGATIVE_INFINITY, lost: 0 };

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  /** What became of the spans so far; undefined where nothing is traced. */
  get counts(): SpanCounts | undefined {
    return this.#collector && this.#counts;
  }

  /** Sends to the collector of this configuration from now on. */
  follow(config: TracingConfig | undefined): void {
    if (isDeepStrictEqual(config, this.#config)) return;
    const { host } = this.#options;
    this.#config = config;
    this.#collector?.close();
    this.#collector = config && createCollector(config, { host, frame: frameOf(config.service, host) });
    this.#failures = 0;
    this.#endPause();
  }

  /** Takes spans that are over. Never waits. */
  readonly take = (spans: Spans): void => {
    if (this.#collector === undefined) return;
    if (!this.#queue.add(spans)) this.#lose("overflowed", spans.count, "the collector does not keep up");
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  };

  /** Sends what is left, if the collector takes it soon. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#endPause();
    if (this.#sending) await this.#withinLimit(this.#sending);
    const lost = this.#queue.clear() + this.#inHand;
    if (lost > 0) this.#lose("overflowed", lost, "the program ends, and the collector has not taken them");
    this.#collector?.close();
  }

  async #withinLimit(sending: Promise<void>): Promise<void> {
    let limit: Timer | undefined;
    const over = new Promise<void>((resolve) => {
      limit = this.#options.host.time.after(FLUSH_MS, resolve);
    });
    await Promise.race([sending, over]);
    limit?.stop();
  }

  async #sendAll(): Promise<void> {
    while (this.#inHand === 0) {
      const batch = this.#queue.take();
      if (!batch) return;
      await this.#sendOne(batch);
    }
  }

  /** Until it is taken or refused. */
  async #sendOne(batch: Spans): Promise<void> {
    this.#inHand = batch.count;
    while (this.#collector) {
      const verdict = await this.#collector.send(batch);
      if (verdict.type !== "later") return this.#settle(batch, verdict);
      if (this.#isClosing) return;
      await this.#wait(verdict);
    }
  }

  #settle({ count }: Spans, verdict: Exclude<Verdict, { type: "later" }>): void {
    this.#inHand = 0;
    const lost = verdict.type === "refused" ? count : verdict.rejected;
    this.#counts = { ...this.#counts, exported: this.#counts.exported + count - lost };
    if (lost > 0) this.#lose("refused", lost, verdict.reason);
    if (this.#failures > 0) this.#options.log.info("traces are exported again");
    this.#failures = 0;
  }

  #wait({ reason, afterMs }: Extract<Verdict, { type: "later" }>): Promise<void> {
    const { host, log } = this.#options;
    const url = this.#collector?.name;
    if (this.#failures === 0) log.warn("cannot export traces: it is tried again", { url, reason });
    const delayMs = Math.min(backoffMs.first * 2 ** this.#failures, backoffMs.longest);
    this.#failures++;
    return new Promise((end) => {
      const pauseMs =
        afterMs === undefined ? delayMs * (0.5 + host.random() / 2) : Math.min(afterMs, MOST_AWAY_MS);
      this.#pause = { end, timer: host.time.after(pauseMs, end) };
    });
  }

  #endPause(): void {
    this.#pause?.timer.stop();
    this.#pause?.end();
    this.#pause = undefined;
  }

  #lose(how: "overflowed" | "refused", count: number, reason: string): void {
    const { host, log } = this.#options;
    this.#counts = { ...this.#counts, [how]: this.#counts[how] + count };
    this.#told.lost += count;
    const now = host.time.monotonicMs();
    if (now - this.#told.at < TELL_MS && !this.#isClosing) return;
    log.warn("spans are lost", { spans: this.#told.lost, reason });
    this.#told = { at: now, lost: 0 };
  }
}
