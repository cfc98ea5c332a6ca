/** A request's body on its way to a server, remembered so far that another attempt can send it again. */
export interface KeptBody {
  /** Bytes that were read from the client. */
  bytes(): number;
  /** Who has to move next, and since when. */
  turn(): Turn;
  /** Whether the whole body so far is still remembered. */
  canReplay(): boolean;
  /** The body from its start. Only one such stream is read at a time. */
  stream(): ReadableStream<Uint8Array>;
}

/** Who has to move next while a request is sent, since an instant of the monotonic clock, ms. */
export interface Turn {
  /** The client sends its next bytes, the server takes them, or the server replies. */
  readonly whose: "sender" | "taker" | "replier";
  readonly sinceMs: number;
}

/** What a body is kept with. */
export interface KeepOptions {
  /** The most that is remembered, bytes; a longer body streams on and cannot be sent again. */
  readonly limitBytes: number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
}

/**
 * Passes a body on as it comes, and remembers it up to a limit.
 *
 * Nothing is held back: a chunk goes to the server when it arrives, and the next is asked for when the server took it.
 * An attempt that is given up does not end the client's stream, so that the next attempt goes on where it stood.
 */
export function keepBody(source: ReadableStream<Uint8Array>, options: KeepOptions): KeptBody {
  const reader = source.getReader();
  let chunks: Uint8Array[] = [];
  let forgotten = 0;
  let bytes = 0;
  let turn: Turn = { whose: "taker", sinceMs: options.monotonicMs() };
  let isDone = false;
  let pending: Promise<void> | undefined;

  async function readMore(): Promise<void> {
    pass("sender");
    const { done, value } = await reader.read();
    isDone = done;
    pass(done ? "replier" : "taker");
    if (!done) remember(value);
  }

  function pass(whose: Turn["whose"]): void {
    turn = { whose, sinceMs: options.monotonicMs() };
  }

  function remember(chunk: Uint8Array): void {
    bytes += chunk.byteLength;
    if (bytes > options.limitBytes) {
      forgotten += chunks.length;
      chunks = [];
    }
    chunks.push(chunk);
  }

  /** The chunk at a place, waiting for it; undefined at the end. Two attempts that wait share one read. */
  async function chunkAt(place: number): Promise<Uint8Array | undefined> {
    while (place >= forgotten + chunks.length && !isDone) {
      pending ??= readMore().finally(() => (pending = undefined));
      await pending;
    }
    return chunks[place - forgotten];
  }

  return {
    bytes: () => bytes,
    turn: () => turn,
    canReplay: () => forgotten === 0,
    stream() {
      let place = 0;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const chunk = await chunkAt(place);
            place++;
            if (chunk === undefined) controller.close();
            else controller.enqueue(chunk);
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
}
