import type { BodySource } from "../../../runtime/client.ts";
import { breakOff, giveUp, watchClient, whyBroken } from "../attempt.ts";
import type { Fault } from "../attempt.ts";
import type { ForwardTools } from "../forward-tools.ts";
import { liftIdleLimit } from "../idle-limit.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type { Relayed } from "../relayed.ts";
import { releaseAttempt } from "../release-attempt.ts";
import { blameStage } from "./staged-body.ts";
import type { StagedBody } from "./staged-body.ts";

/** A server's body while it is read. */
export interface BodyReader extends Relayed, ReadAhead {
  /** What the body goes through on its way; undefined where it stays as it is. */
  readonly staged?: StagedBody | undefined;
}

/** Gets ready to read a body that may have begun to come. */
export function readerOf({ attempt, reply, limits }: Relayed, staged?: StagedBody): BodyReader {
  const { body } = reply;
  const isWhole = body instanceof Uint8Array;
  const [chunks, source] = isWhole ? [[body], NOTHING] : [[], body];
  return { attempt, reply, limits, source, chunks, pending: undefined, staged };
}

/** What is left to read of a body that was read. */
const NOTHING: BodySource = { read: () => Promise.resolve(undefined) };

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/**
 * Passes a body on as it comes, a chunk only when the client takes it: a slow client slows the server, and nothing
 * piles up in between. A client that takes nothing for too long is left.
 */
export function bodyStream(reader: BodyReader, tools: ForwardTools): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { attempt } = reader;
  attempt.exchange.isStreaming = true;
  liftIdleLimit(attempt.exchange, tools);
  const start = (controller: Controller): void => {
    attempt.onCut = () => {
      const fault = whyBroken(attempt);
      finish(reader, fault, tools);
      if (fault !== "client_left") fail(controller);
    };
  };
  const cancel = (): void => giveUp(attempt, "client_left");
  const pull = (controller: Controller): Promise<void> => passChunk(controller, reader, tools);
  const stream = new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
  watchClient(attempt);
  return stream;
}

async function passChunk(controller: Controller, reader: BodyReader, tools: ForwardTools): Promise<void> {
  const { attempt } = reader;
  try {
    const { staged } = reader;
    const chunk = await (staged
      ? staged.next(reader, () => nextChunk(reader, tools), tools)
      : nextChunk(reader, tools));
    if (chunk === undefined) {
      finish(reader, undefined, tools);
      controller.close();
      return;
    }
    attempt.bytesOut += chunk.byteLength;
    watchReader(reader, tools);
    controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
  } catch (error) {
    blameStage(attempt, error, tools);
    finish(reader, whyBroken(attempt), tools);
    fail(controller);
  }
}

function finish({ attempt, staged }: BodyReader, fault: Fault | undefined, tools: ForwardTools): void {
  if (fault) {
    if (!attempt.isReleased) breakOff(attempt, fault);
    attempt.body?.leave();
  }
  staged?.passage.close();
  releaseAttempt(attempt, tools);
  tools.end(attempt.exchange, fault ?? "");
}

/** The client must see a broken answer, never a short one that looks whole. Bun would print any reason given here. */
function fail(controller: Controller): void {
  try {
    controller.error();
  } catch {
    // It has ended already.
  }
}

/** Reads the next chunk, and gives the attempt up where the server sends nothing for too long; undefined = the end. */
async function readChunk(
  reader: BodyReader,
  tools: ForwardTools,
  pending: BodyReader["pending"],
): Promise<Uint8Array | undefined> {
  watch(reader, { fault: "connection_read_timeout", ms: reader.limits.idleMs }, tools);
  const bytes = await (pending ?? reader.source.read());
  reader.attempt.deadline?.stop();
  return bytes;
}

/** The most that the system keeps of a body for a client, bytes: Linux lets a socket's buffer grow up to this. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** A client that reads so slowly, bytes a second, is still believed to read. */
const SLOWEST_READ = 16 * 1024;

/**
 * Gives the attempt up where the client takes nothing for too long.
 *
 * What it takes comes out of the system's buffers first, and we hear of it only when they have run low: so a client has as
 * long as a slow one needs for what they may hold, and the idle time on top.
 */
function watchReader(reader: BodyReader, tools: ForwardTools): void {
  const keptBytes = Math.min(reader.attempt.bytesOut, KEPT_BYTES);
  watch(
    reader,
    { fault: "slow_reader", ms: reader.limits.idleMs + (keptBytes / SLOWEST_READ) * 1000 },
    tools,
  );
}

/** Gives the attempt up unless somebody moves in time. */
function watch(
  { attempt, limits }: BodyReader,
  patience: { readonly fault: Fault; readonly ms: number },
  tools: ForwardTools,
): void {
  attempt.deadline?.stop();
  const nowMs = tools.host.time.monotonicMs();
  const leftMs = Math.min(patience.ms, attempt.exchange.startedMs + limits.totalMs - nowMs);
  if (leftMs < Infinity)
    attempt.deadline = tools.deadlines.after(leftMs, () => giveUp(attempt, patience.fault), nowMs);
}

async function nextChunk(reader: BodyReader, tools: ForwardTools): Promise<Uint8Array | undefined> {
  const kept = reader.chunks.shift();
  if (kept) return kept;
  const { pending } = reader;
  reader.pending = undefined;
  return readChunk(reader, tools, pending);
}
