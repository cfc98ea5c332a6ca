import type { BodyStep } from "../body-step.ts";
import { toBodyStep } from "../body-step.ts";
import type { ByteReader } from "../byte-reader.ts";
import { decoderOf } from "../decoders.ts";
import { joinBytes } from "../join-bytes.ts";
import { StageFault } from "../stage-fault.ts";

/** The beginning of a body, and the whole of it to go on with. */
export interface Peeked {
  /** Decoded; up to the limit, or to where the body breaks off. */
  readonly start: Uint8Array;
  /** As it came. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Reads the beginning of a body and decodes so many bytes of it, for which twice as many are read at most; what was read is
 * remembered, so that nothing is missing. "unreadable" = it is not what its coding says, or the coding is unknown.
 *
 * @throws what the read throws, where the body breaks off.
 */
export async function peekBody(
  source: ReadableStream<Uint8Array>,
  coding: string,
  limitBytes: number,
): Promise<Peeked | "unreadable"> {
  const decoder = chooseStep(coding);
  if (!decoder) return "unreadable";
  const reader: ByteReader = source.getReader();
  const chunks: Uint8Array[] = [];
  const start = await readStart({ reader, chunks, decoder }, limitBytes).finally(() => decoder.close());
  if (start === "unreadable") {
    reader.cancel().catch(() => {});
    return start;
  }
  return {
    start: joinBytes([new Uint8Array(), ...start]).subarray(0, limitBytes),
    body: replay(chunks, reader),
  };
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

async function readStart(peeking: Peeking, limitBytes: number): Promise<Uint8Array[] | "unreadable"> {
  const start: Uint8Array[] = [];
  let leftBytes = limitBytes;
  let unreadBytes = 2 * limitBytes;
  for (let isEnded = false; leftBytes > 0;) {
    const piece = await nextPiece(peeking.decoder, isEnded);
    if (piece === "unreadable") return piece;
    if (piece) {
      start.push(piece);
      leftBytes -= piece.byteLength;
      continue;
    }
    if (isEnded) break;
    const read = await feed(peeking);
    unreadBytes -= read ?? 0;
    if (unreadBytes < 0) return "unreadable";
    isEnded = read === undefined;
  }
  return start;
}

/** Hands the next bytes to the decoder, and gives their number; undefined = the end. */
async function feed({ reader, chunks, decoder }: Peeking): Promise<number | undefined> {
  const { value } = await reader.read();
  if (!value) {
    decoder.end();
    return undefined;
  }
  chunks.push(value);
  decoder.push(value);
  return value.byteLength;
}

/** A server may decode what we cannot, such as `deflate` without its frame: that is another thing than a body cut short. */
async function nextPiece(
  decoder: BodyStep,
  isEnded: boolean,
): Promise<Uint8Array | undefined | "unreadable"> {
  try {
    return await decoder.next();
  } catch (error) {
    if (error instanceof StageFault) return isEnded ? undefined : "unreadable";
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
