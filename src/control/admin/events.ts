import type { Time, Timer } from "../../runtime/host.ts";

/** How often watchers are told, ms. */
const EVERY_MS = 1_000;

/** More watchers than this are refused: each holds a connection. */
const MOST_WATCHERS = 64;

/** Events that a slow reader may have before it; then it misses some, which the next one makes good. */
const MOST_WAITING = 2;

/** What is told, and when. */
export interface EventFeedOptions {
  readonly tell: () => object;
  readonly time: Time;
}

type Watcher = ReadableStreamDefaultController<Uint8Array>;

/** Tells the same thing to all watchers once a second, as server-sent events; it is made once, however many watch. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #watchers = new Set<Watcher>();
  readonly #encoder = new TextEncoder();
  #ticking: Timer | undefined;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Answers a watcher, who hears the first event at once. */
  answer(): Response {
    if (this.#watchers.size >= MOST_WATCHERS) {
      return Response.json({ error: `Cannot tell more: ${MOST_WATCHERS} are watching` }, { status: 503 });
    }
    const events = this.#open();
    return new Response(events, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  #open(): ReadableStream<Uint8Array> {
    let watcher: Watcher | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          watcher = controller;
          this.#join(controller);
        },
        cancel: () => watcher && this.#leave(watcher),
      },
      { highWaterMark: MOST_WAITING },
    );
  }

  #join(watcher: Watcher): void {
    this.#watchers.add(watcher);
    watcher.enqueue(this.#event());
    this.#ticking ??= this.#options.time.every(EVERY_MS, () => this.#tick());
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#ticking?.stop();
    this.#ticking = undefined;
  }

  #tick(): void {
    const event = this.#event();
    for (const watcher of this.#watchers) if ((watcher.desiredSize ?? 0) > 0) watcher.enqueue(event);
  }

  #event(): Uint8Array {
    return this.#encoder.encode(`data: ${JSON.stringify(this.#options.tell())}\n\n`);
  }
}
