import type { BodyReader } from "./body-stream.ts";
import type { ForwardTools } from "./forward-tools.ts";

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
  const { chunks } = reader;
  const { time } = tools.host;
  const endMs = time.monotonicMs() + MOST_MS;
  let readBytes = 0;
  while (readBytes < lengthBytes) {
    const chunk = await soon(reader, tools);
    if (chunk === "late") return undefined;
    if (chunk === undefined) throw new Error("Cannot read the body: it ended before its length");
    chunks.push(chunk);
    readBytes += chunk.byteLength;
    if (readBytes < lengthBytes && time.monotonicMs() > endMs) return undefined;
  }
  reader.attempt.bytesOut += readBytes;
  return chunks.length === 1 ? chunks[0] : join(chunks, readBytes);
}

/** The next chunk if it comes soon; a read that is too late stays pending and is awaited by whoever reads next. */
function soon(reader: BodyReader, { deadlines }: ForwardTools): Promise<Uint8Array | undefined | "late"> {
  const { source } = reader;
  return new Promise((resolve, reject) => {
    const read = source.read();
    const linger = deadlines.after(LINGER_MS, () => {
      reader.pending = read;
      resolve("late");
    });
    read.then(({ value }) => {
      linger.stop();
      return resolve(value);
    }, reject);
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
