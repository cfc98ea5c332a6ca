import { randomFillSync } from "node:crypto";

/** The kinds of frames that there are (RFC 6455, 5.2). */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of a server's. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** What a peer did against the protocol, with the code that it is told (RFC 6455, 7.4). */
export class SocketFault extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "SocketFault";
    this.code = code;
  }
}

const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;

/** Writes a whole message, or a control frame, as a client must: masked, so that no proxy takes it for a request. */
export function encodeFrame(opcode: number, payload: Uint8Array): Buffer {
  const { byteLength } = payload;
  const lengthBytes = byteLength < 126 ? 0 : byteLength < 65_536 ? 2 : 8;
  const payloadAt = 2 + lengthBytes + 4;
  const frame = Buffer.allocUnsafe(payloadAt + byteLength);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? byteLength : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(byteLength, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(byteLength), 2);
  const mask = nextMask();
  frame.set(mask, payloadAt - 4);
  for (let at = 0; at < byteLength; at++) {
    frame[payloadAt + at] = (payload[at] as number) ^ (mask[at & 3] as number);
  }
  return frame;
}

const masks = Buffer.alloc(4096);
let maskAt = masks.length;

/** Masks must not be predictable; one call of the generator gives many. */
function nextMask(): Uint8Array {
  if (maskAt === masks.length) {
    randomFillSync(masks);
    maskAt = 0;
  }
  maskAt += 4;
  return masks.subarray(maskAt - 4, maskAt);
}

/** Cuts what a server sends into frames. What is not yet whole waits, and is joined only once. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #haveBytes = 0;
  #neededBytes = 2;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#haveBytes += chunk.length;
  }

  /** The next frame, or undefined where it is not whole yet. Throws a `SocketFault`. */
  next(): Frame | undefined {
    if (this.#haveBytes < this.#neededBytes) return undefined;
    const bytes = this.#join();
    const headBytes = headLength(bytes);
    const payloadBytes = bytes.length < headBytes ? 0 : payloadLength(bytes);
    if (payloadBytes > this.#maxBytes) throw new SocketFault(TOO_BIG, "message too big");
    this.#neededBytes = headBytes + payloadBytes;
    if (bytes.length < this.#neededBytes) return undefined;
    return this.#take(bytes, headBytes);
  }

  #join(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  #take(bytes: Buffer, headBytes: number): Frame {
    const end = this.#neededBytes;
    this.#chunks = end === bytes.length ? [] : [bytes.subarray(end)];
    this.#haveBytes -= end;
    this.#neededBytes = 2;
    const first = bytes[0] as number;
    return checked({
      opcode: first & 0x7f, // With the reserved bits: they stand for extensions, and we offer none.
      isFinal: (first & 0x80) !== 0,
      payload: bytes.subarray(headBytes, end),
    });
  }
}

function headLength(bytes: Buffer): number {
  const second = bytes[1] as number;
  if (second & 0x80) throw new SocketFault(PROTOCOL_ERROR, "a server must not mask");
  return second < 126 ? 2 : second === 126 ? 4 : 10;
}

function payloadLength(bytes: Buffer): number {
  const second = bytes[1] as number;
  if (second < 126) return second;
  return second === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}

const opcodes: ReadonlySet<number> = new Set(Object.values(Opcode));

function checked(frame: Frame): Frame {
  const { opcode, isFinal, payload } = frame;
  if (!opcodes.has(opcode)) throw new SocketFault(PROTOCOL_ERROR, "unknown frame");
  const isControl = opcode >= Opcode.close;
  if (isControl && (!isFinal || payload.length > 125))
    throw new SocketFault(PROTOCOL_ERROR, "bad control frame");
  return frame;
}
