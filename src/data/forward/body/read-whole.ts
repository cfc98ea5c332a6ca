import { joinBytes } from "../../transform/join-bytes.ts";
import type { ForwardTools } from "../forward-tools.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { bytesIn } from "./read-held.ts";

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
  reader: ReadAhead,
  lengthBytes: number,
  tools: ForwardTools,
): Promise<Uint8Array | undefined> {
  const { chunks } = reader;
  const { time } = tools.host;
  const endMs = time.monotonicMs() + MOST_MS;
  for (let readBytes = bytesIn(chunks); readBytes < lengthBytes;) {
    const chunk = await soon(reader, tools);
    if (chunk === "late") return undefined;
    if (chunk === undefined) throw new Error("Cannot read the body: it ended before its length");
    chunks.push(chunk);
    readBytes += chunk.byteLength;
    if (readBytes < lengthBytes && time.monotonicMs() > endMs) return undefined;
  }
  return joinBytes(chunks);
}

/** The next chunk if it comes soon; else its read stays pending. */
function soon(reader: ReadAhead, { deadlines }: ForwardTools): Promise<Uint8Array | undefined | "late"> {
  const read = reader.source.read();
  return new Promise((resolve, reject) => {
    const linger = deadlines.after(LINGER_MS, () => {
      reader.pending = read;
      resolve("late");
    });
    const end = (chunk: Uint8Array | undefined): void => {
      linger.stop();
      resolve(chunk);
    };
    read.then(end, reject);
  });
}
