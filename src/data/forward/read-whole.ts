import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { Read } from "./read-ahead.ts";

/** How long a part of a short body is waited for before what is there is sent, ms. */
const LINGER_MS = 20;

/** How long the first part may wait for the last, however steadily the parts between them come, ms. */
const MOST_MS = 100;

/**
 * Reads a short body of known length whole; undefined where it comes so slowly that its parts must be passed on as they
 * come. What was read until then stays with the reader.
 *
 * @throws what the read throws, where the body breaks off.
 */
export async function readWhole(
  reader: BodyReader,
  lengthBytes: number,
  tools: ForwardTools,
): Promise<Uint8Array | undefined> {
  const first = new ChunkRead(reader);
  // Mostly the body has come along with the headers: then it is there in a moment, and nothing has to be timed.
  for (let moment = 0; moment < MOMENTS && !first.isDone; moment++) await turn;
  const chunk = first.isDone && first.chunk;
  if (!chunk || chunk.byteLength !== lengthBytes) return readParts(reader, { first, lengthBytes, tools });
  reader.attempt.bytesOut += lengthBytes;
  return chunk;
}

/** So many turns of the microtask queue bring whatever has arrived already. */
const MOMENTS = 4;

/** A read under way, of which can be told whether it is over. */
class ChunkRead {
  isDone = false;
  chunk: Uint8Array | undefined;
  readonly result: Read;

  constructor({ source }: BodyReader) {
    this.result = source.read();
    this.result.then(({ value }) => this.#end(value), ignore);
  }

  #end(value: Uint8Array | undefined): void {
    this.isDone = true;
    this.chunk = value;
  }
}

/** Whoever waits for the read hears of its fault too. */
function ignore(): void {}

/** A turn of the microtask queue. */
const turn = Promise.resolve();

interface Parts {
  readonly first: ChunkRead;
  readonly lengthBytes: number;
  readonly tools: ForwardTools;
}

async function readParts(
  reader: BodyReader,
  { first, lengthBytes, tools }: Parts,
): Promise<Uint8Array | undefined> {
  const { chunks } = reader;
  const { time } = tools.host;
  const endMs = time.monotonicMs() + MOST_MS;
  let readBytes = 0;
  for (let read = first; readBytes < lengthBytes; read = new ChunkRead(reader)) {
    const chunk = await soon(read, tools);
    if (chunk === "late") {
      reader.pending = read.result;
      return undefined;
    }
    if (chunk === undefined) throw new Error("Cannot read the body: it ended before its length");
    chunks.push(chunk);
    readBytes += chunk.byteLength;
    if (readBytes >= lengthBytes) break;
    if (time.monotonicMs() > endMs) return undefined;
  }
  reader.attempt.bytesOut += readBytes;
  return chunks.length === 1 ? chunks[0] : join(chunks, readBytes);
}

/** The next chunk if it comes soon. */
function soon({ result }: ChunkRead, { deadlines }: ForwardTools): Promise<Uint8Array | undefined | "late"> {
  return new Promise((resolve, reject) => {
    const linger = deadlines.after(LINGER_MS, () => resolve("late"));
    const end = ({ value }: Awaited<Read>): void => {
      linger.stop();
      resolve(value);
    };
    result.then(end, reject);
  });
}

function join(chunks: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const whole = new Uint8Array(lengthBytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
