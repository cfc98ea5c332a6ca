import { joinBytes } from "../../transform/join-bytes.ts";
import type { ReadAhead } from "./read-ahead.ts";

/**
 * Reads a body of known length whole, however long its parts take.
 *
 * @throws what the read throws, where the body breaks off.
 */
export async function readHeld({ chunks, source }: ReadAhead, lengthBytes: number): Promise<Uint8Array> {
  let readBytes = bytesIn(chunks);
  while (readBytes < lengthBytes) {
    const chunk = await source.read();
    if (chunk === undefined) throw new Error("Cannot read the body: it ended before its length");
    chunks.push(chunk);
    readBytes += chunk.byteLength;
  }
  return joinBytes(chunks);
}

/** How many bytes these are together. */
export function bytesIn(chunks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { byteLength } of chunks) bytes += byteLength;
  return bytes;
}
