import { randomFillSync } from "node:crypto";

/** The kinds of frames that there are (RFC 6455, 5.2). */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of a peer's. */
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
  const { frame, payloadAt } = beginFrame(opcode, payload.byteLength, 4);
  const mask = nextMask();
  frame[1] = 0x80 | (frame[1] as number);
  frame.set(mask, payloadAt - 4);
  for (let at = 0; at < payload.byteLength; at++) {
    frame[payloadAt + at] = (payload[at] as number) ^ (mask[at & 3] as number);
  }
  return frame;
}

/** The same as a server must: as it is. */
export function encodeServerFrame(opcode: number, payload: Uint8Array): Buffer {
  const { frame, payloadAt } = beginFrame(opcode, payload.byteLength, 0);
  frame.set(payload, payloadAt);
  return frame;
}

/** A frame with all but its mask and its payload. */
function beginFrame(
  opcode: number,
  byteLength: number,
  maskBytes: number,
): { frame: Buffer; payloadAt: number } {
  const lengthBytes = byteLength < 126 ? 0 : byteLength < 65_536 ? 2 : 8;
  const payloadAt = 2 + lengthBytes + maskBytes;
  const frame = Buffer.allocUnsafe(payloadAt + byteLength);
  frame[0] = 0x80 | opcode;
  frame[1] = lengthBytes === 0 ? byteLength : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) frame.writeUInt16BE(byteLength, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(byteLength), 2);
  return { frame, payloadAt };
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

/** Whose frames are read: a client masks its own, a server must not. */
export type FrameSender = "client" | "server";

/** Cuts what a peer sends into frames. What is not yet whole waits, and is joined only once. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #sender: FrameSender;
  #chunks: Buffer[] = [];
  #haveBytes = 0;
  #neededBytes = 2;

  constructor(maxBytes: number, sender: FrameSender = "server") {
    this.#maxBytes = maxBytes;
    this.#sender = sender;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#haveBytes += chunk.length;
  }

  /** The next frame, or undefined where it is not whole yet. Throws a `SocketFault`. */
  next(): Frame | undefined {
    if (this.#haveBytes < this.#neededBytes) return undefined;
    const bytes = this.#join();
    const headBytes = headLength(bytes, this.#sender);
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
      payload: this.#unmask(bytes, headBytes, end),
    });
  }

  #unmask(bytes: Buffer, from: number, end: number): Buffer {
    const payload = bytes.subarray(from, end);
    if (this.#sender === "server") return payload;
    for (let at = 0; at < payload.length; at++)
      payload[at] = (payload[at] as number) ^ (bytes[from - 4 + (at & 3)] as number);
    return payload;
  }
}

function headLength(bytes: Buffer, sender: FrameSender): number {
  const second = bytes[1] as number;
  const isMasked = (second & 0x80) !== 0;
  if (isMasked !== (sender === "client"))
    throw new SocketFault(PROTOCOL_ERROR, isMasked ? "a server must not mask" : "a client must mask");
  const length = second & 0x7f;
  return (length < 126 ? 2 : length === 126 ? 4 : 10) + (isMasked ? 4 : 0);
}

function payloadLength(bytes: Buffer): number {
  const second = (bytes[1] as number) & 0x7f;
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
