import type { BodyReader } from "./body-stream.ts";
import { readChunk } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";

/** How long the rest of a short body is waited for before its first part is sent, ms. */
const LINGER_MS = 20;

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
  const first = await readChunk(reader, tools);
  if (first?.byteLength === lengthBytes) return count(reader, first);
  let readBytes = keep(reader, first);
  while (readBytes < lengthBytes) {
    const next = await soon(reader, tools);
    if (next === "late") return undefined;
    readBytes += keep(reader, next);
  }
  return count(reader, join(reader.chunks, readBytes));
}

function keep(reader: BodyReader, chunk: Uint8Array | undefined): number {
  if (chunk === undefined) throw new Error("Cannot read the body: it ended before its length");
  reader.chunks.push(chunk);
  return chunk.byteLength;
}

function count({ attempt }: BodyReader, bytes: Uint8Array): Uint8Array {
  attempt.bytesOut += bytes.byteLength;
  return bytes;
}

/** The next chunk if it comes soon; a read that is too late stays pending and is awaited by whoever reads next. */
async function soon(reader: BodyReader, tools: ForwardTools): Promise<Uint8Array | undefined | "late"> {
  reader.pending = readChunk(reader, tools);
  reader.pending.catch(() => {}); // Whoever reads next awaits it too.
  const chunk = await Promise.race([reader.pending, pause(tools)]);
  if (chunk !== "late") reader.pending = undefined;
  return chunk;
}

function pause({ deadlines }: ForwardTools): Promise<"late"> {
  return new Promise((resolve) => void deadlines.after(LINGER_MS, () => resolve("late")));
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
