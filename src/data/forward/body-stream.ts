import { giveUp } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { liftIdleLimit } from "./idle-limit.ts";
import { releaseAttempt } from "./release-attempt.ts";
import type { Relayed } from "./relay.ts";

/** A server's body while it is read. */
export interface BodyReader extends Relayed {
  readonly source: { read(): Promise<{ value?: Uint8Array | undefined; done: boolean }> };
  /** What was read and not yet passed on. */
  readonly chunks: Uint8Array[];
  /** A read under way that nobody has taken yet. */
  pending: Promise<Uint8Array | undefined> | undefined;
}

/**
 * Passes a body on as it comes, a chunk only when the client takes it: a slow client slows the server, and nothing
 * piles up in between.
 */
export function bodyStream(reader: BodyReader, tools: ForwardTools): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { attempt } = reader;
  const { exchange } = attempt;
  const finish = (broken: string): void => {
    releaseAttempt(attempt, tools);
    tools.end(exchange, broken);
  };
  const cancel = (): void => {
    giveUp(attempt, "client_left");
    finish("client_left");
  };
  attempt.onCut = () => finish(attempt.fault ?? "");
  exchange.isStreaming = true;
  liftIdleLimit(exchange, tools);
  return new ReadableStream(
    { pull: (controller) => passChunk(controller, { reader, tools, finish }), cancel },
    { highWaterMark: 0 },
  );
}

interface Passing {
  readonly reader: BodyReader;
  readonly tools: ForwardTools;
  readonly finish: (broken: string) => void;
}

async function passChunk(
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  { reader, tools, finish }: Passing,
): Promise<void> {
  const { attempt } = reader;
  try {
    const chunk = await nextChunk(reader, tools);
    if (chunk === undefined) {
      finish("");
      controller.close();
      return;
    }
    attempt.bytesOut += chunk.byteLength;
    controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
  } catch (error) {
    // The client must see a broken answer, never a short one that looks whole.
    finish(attempt.fault ?? "http_response_incomplete");
    controller.error(error);
  }
}

/** Reads the next chunk, and gives the attempt up where the server sends nothing for too long; undefined = the end. */
export async function readChunk(reader: BodyReader, tools: ForwardTools): Promise<Uint8Array | undefined> {
  const { attempt, limits } = reader;
  const nowMs = tools.host.time.monotonicMs();
  const dueMs = Math.min(nowMs + limits.idleMs, attempt.exchange.startedMs + limits.totalMs);
  if (dueMs < Infinity) {
    attempt.deadline = tools.deadlines.after(dueMs - nowMs, () => giveUp(attempt, "connection_read_timeout"));
  }
  const { value } = await reader.source.read();
  attempt.deadline?.stop();
  return value;
}

async function nextChunk(reader: BodyReader, tools: ForwardTools): Promise<Uint8Array | undefined> {
  const kept = reader.chunks.shift();
  if (kept) return kept;
  const { pending } = reader;
  reader.pending = undefined;
  return pending ?? (await readChunk(reader, tools));
}
