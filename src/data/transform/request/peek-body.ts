import type { BodyStep } from "../body-step.ts";
import { toBodyStep } from "../body-step.ts";
import type { ByteReader } from "../byte-reader.ts";
import { decoderOf } from "../decoders.ts";
import { joinBytes } from "../join-bytes.ts";
import { StageFault } from "../stage-fault.ts";

/** The beginning of a body, and the whole of it to go on with. */
export interface Peeked {
  /** Decoded; up to the limit, or to where it cannot be decoded any further. */
  readonly start: Uint8Array;
  /** Whether its coding is one that we know. */
  readonly isReadable: boolean;
  /** As it came. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Reads the beginning of a body and decodes it; what was read is remembered, so that nothing is missing. */
export async function peekBody(
  source: ReadableStream<Uint8Array>,
  coding: string,
  limitBytes: number,
): Promise<Peeked> {
  const decoder = chooseStep(coding);
  const reader: ByteReader = source.getReader();
  const chunks: Uint8Array[] = [];
  const start = decoder ? await readStart({ reader, chunks, decoder }, limitBytes) : [];
  decoder?.close();
  const whole = joinBytes(start.length === 0 ? [new Uint8Array()] : start).subarray(0, limitBytes);
  return { start: whole, isReadable: decoder !== undefined, body: replay(chunks, reader) };
}

interface Peeking {
  readonly reader: ByteReader;
  readonly chunks: Uint8Array[];
  readonly decoder: BodyStep;
}

function chooseStep(coding: string): BodyStep | undefined {
  if (coding === "" || coding.toLowerCase() === "identity")
    return toBodyStep({ write: (chunk) => chunk, end: () => [] });
  return decoderOf(coding)?.();
}

async function readStart({ reader, chunks, decoder }: Peeking, limitBytes: number): Promise<Uint8Array[]> {
  const start: Uint8Array[] = [];
  let leftBytes = limitBytes;
  let isEnded = false;
  while (leftBytes > 0) {
    const piece = await nextPiece(decoder);
    if (piece) {
      start.push(piece);
      leftBytes -= piece.byteLength;
      continue;
    }
    if (isEnded) return start;
    const { done, value } = await reader.read();
    isEnded = done;
    if (value) {
      chunks.push(value);
      decoder.push(value);
    } else decoder.end();
  }
  return start;
}

/** What cannot be decoded has ended: a server cannot read on, either. */
async function nextPiece(decoder: BodyStep): Promise<Uint8Array | undefined> {
  try {
    return await decoder.next();
  } catch (error) {
    if (error instanceof StageFault) return undefined;
    throw error;
  }
}

function replay(chunks: Uint8Array[], reader: ByteReader): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } =
          chunks.length > 0 ? { done: false, value: chunks.shift() } : await reader.read();
        if (value) controller.enqueue(value);
        if (done) controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
