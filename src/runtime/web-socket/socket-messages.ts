import { FrameReader, Opcode, SocketFault } from "./socket-frames.ts";
import type { Frame, FrameSender } from "./socket-frames.ts";

/** What a peer says over a WebSocket. */
export type SocketSaying =
  | { readonly type: "message"; readonly message: string | Uint8Array }
  | { readonly type: "ping"; readonly payload: Uint8Array }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/** The most that one message may hold, bytes, in either direction. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Said by nobody: the close frame named no code (RFC 6455, 7.4.1). */
export const NO_CODE = 1005;
/** Said by nobody: the peer left without a close frame. */
export const ABNORMAL = 1006;
const PROTOCOL_ERROR = 1002;
const BAD_TEXT = 1007;
const TOO_BIG = 1009;

const NOTHING = Buffer.alloc(0);

/** Puts a peer's frames together to messages of at most `maxBytes`. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #frames: FrameReader;
  /** The message so far, perhaps with room behind it. */
  #message: Buffer = NOTHING;
  #messageBytes = 0;
  #opcode: number = Opcode.continuation;

  constructor(maxBytes: number, sender: FrameSender = "server") {
    this.#maxBytes = maxBytes;
    this.#frames = new FrameReader(maxBytes, sender);
  }

  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** What was said next, or undefined where it is not whole yet. Throws a `SocketFault`. */
  next(): SocketSaying | undefined {
    for (;;) {
      const frame = this.#frames.next();
      if (!frame) return undefined;
      const saying = this.#read(frame);
      if (saying) return saying;
    }
  }

  /** Hands on what was said while somebody wants it; gives what the peer did against the protocol, where it did. */
  readWhile(isWanted: () => boolean, take: (saying: SocketSaying) => void): SocketFault | undefined {
    try {
      while (isWanted()) {
        const saying = this.next();
        if (!saying) break;
        take(saying);
      }
      return undefined;
    } catch (error) {
      if (error instanceof SocketFault) return error;
      throw error;
    }
  }

  #read(frame: Frame): SocketSaying | undefined {
    if (frame.opcode === Opcode.close) return readClose(frame.payload);
    if (frame.opcode === Opcode.ping) return { type: "ping", payload: frame.payload };
    if (frame.opcode === Opcode.pong) return undefined;
    this.#join(frame);
    return frame.isFinal ? this.#finish() : undefined;
  }

  #join({ opcode, payload }: Frame): void {
    const isFirst = this.#opcode === Opcode.continuation;
    if (isFirst === (opcode === Opcode.continuation)) throw new SocketFault(PROTOCOL_ERROR, "bad fragment");
    if (isFirst) this.#opcode = opcode;
    if (this.#messageBytes + payload.length > this.#maxBytes)
      throw new SocketFault(TOO_BIG, "message too big");
    if (this.#messageBytes === 0) this.#message = payload;
    else this.#append(payload);
    this.#messageBytes += payload.length;
  }

  /** Fragments may be countless and tiny: they must not take more memory than their bytes. */
  #append(payload: Buffer): void {
    const bytes = this.#messageBytes + payload.length;
    if (bytes > this.#message.length) {
      const roomier = Buffer.allocUnsafe(Math.min(2 * bytes, this.#maxBytes));
      roomier.set(this.#message.subarray(0, this.#messageBytes));
      this.#message = roomier;
    }
    this.#message.set(payload, this.#messageBytes);
  }

  #finish(): SocketSaying {
    const payload = this.#message.subarray(0, this.#messageBytes);
    const isText = this.#opcode === Opcode.text;
    this.#message = NOTHING;
    this.#messageBytes = 0;
    this.#opcode = Opcode.continuation;
    return { type: "message", message: isText ? decodeText(payload) : payload };
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new SocketFault(BAD_TEXT, "text that is not UTF-8");
  }
}

function readClose(payload: Buffer): SocketSaying {
  if (payload.length === 0) return { type: "close", code: NO_CODE, reason: "" };
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  if (!isSendable(code)) throw new SocketFault(PROTOCOL_ERROR, "bad close code");
  return { type: "close", code, reason: decodeText(payload.subarray(2)) };
}

/** What a close frame says. */
export function closePayload(code: number, reason: string): Uint8Array {
  if (code === NO_CODE) return new Uint8Array();
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload.subarray(0, 125);
}

/** Codes that may stand in a close frame (RFC 6455, 7.4): 1004, 1005, 1006 and 1015 only ever describe one. */
export function isSendable(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_CODE && code !== ABNORMAL;
}
