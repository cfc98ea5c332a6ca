import type { Answer } from "./response-reader.ts";

const MASK = [1, 2, 3, 4] as const;
const HEAD_END = Buffer.from("\r\n\r\n");

/** Above this, the length of a message stands in two bytes of its own (RFC 6455, 5.2). */
const SHORT_MESSAGE = 125;

/** The request that opens a WebSocket. */
export function handshake(path: string, port: number): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** A binary message of a client's, masked as it must be; below 64 KiB. */
export function clientMessage(bytes: number): Uint8Array {
  const length = bytes > SHORT_MESSAGE ? [0x80 | 126, bytes >> 8, bytes & 0xff] : [0x80 | bytes];
  const payload = Array.from({ length: bytes }, (_, at) => 120 ^ (MASK[at & 3] as number));
  return Uint8Array.from([0x82, ...length, ...MASK, ...payload]);
}

/** Reads what a server says on a WebSocket: the 101, then messages below 64 KiB, counted and not kept. */
export class MessageReader {
  /** Bytes of the message under way so far. */
  readonly bodyBytes = 0;
  readonly #onOpen: () => void;
  readonly #onMessage: (answer: Answer) => void;
  #isOpen = false;
  #kept: Buffer = Buffer.alloc(0);

  constructor(onOpen: () => void, onMessage: (answer: Answer) => void) {
    this.#onOpen = onOpen;
    this.#onMessage = onMessage;
  }

  /** Takes what came in. Throws where it is no WebSocket. */
  feed(data: Buffer): void {
    let rest = this.#kept.length === 0 ? data : Buffer.concat([this.#kept, data]);
    for (let size = this.#next(rest); size > 0; size = this.#next(rest)) rest = rest.subarray(size);
    this.#kept = rest;
  }

  /** Takes what stands first, if it is whole, and says how long it was. */
  #next(data: Buffer): number {
    return this.#isOpen ? this.#takeMessage(data) : this.#takeHead(data);
  }

  #takeHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END);
    if (end < 0) return 0;
    const head = data.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`no WebSocket: ${head}`);
    this.#isOpen = true;
    this.#onOpen();
    return end + HEAD_END.length;
  }

  #takeMessage(data: Buffer): number {
    if (data.length < 4) return 0;
    const short = (data[1] as number) & 0x7f;
    const [head, length] = short === 126 ? [4, data.readUInt16BE(2)] : [2, short];
    if (data.length < head + length) return 0;
    this.#onMessage({ status: 101, bodyBytes: length });
    return head + length;
  }
}
