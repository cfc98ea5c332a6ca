import { Buffer } from "node:buffer";
import { MalformedRequest, parseReceivedHead } from "../../http/message/received-head.ts";
import type { ReceivedHead } from "../../http/message/received-head.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
const CR = 0x0d;
const LF = 0x0a;

const NO_ROOM = Buffer.alloc(0);

/**
 * What has come on a connection and was not read yet: heads of requests, and what is behind them. However a head is
 * dripped, each of its bytes is looked at once, and copied about twice.
 */
export class HeadIntake {
  readonly #mostBytes: number;
  #unread: Buffer | undefined;
  /** What `#unread` is the beginning of, where it came in several pieces: the next is put behind it. */
  #room = NO_ROOM;
  /** So much of `#unread` was looked at, and holds no whole head. */
  #seenBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether something waits to be read. */
  get hasBytes(): boolean {
    return this.#unread !== undefined;
  }

  get unreadBytes(): number {
    return this.#unread?.byteLength ?? 0;
  }

  push(bytes: Buffer): void {
    this.#unread = this.#unread === undefined ? bytes : this.#join(this.#unread, bytes);
  }

  /**
   * The next head; undefined where it is not whole yet. An empty line before it is passed over (RFC 9112, 2.2).
   *
   * @throws {MalformedRequest}
   */
  next(): ReceivedHead | undefined {
    const bytes = this.#unread;
    if (bytes === undefined) return undefined;
    const from = bytes[0] === CR && bytes[1] === LF ? 2 : 0;
    const end = bytes.indexOf(HEAD_END, Math.max(from, this.#seenBytes - 3));
    if ((end < 0 ? bytes.byteLength : end) - from > this.#mostBytes)
      throw new MalformedRequest("its head is too long", 431);
    if (end < 0) return this.#refuseHopeless(bytes, Math.max(from, this.#seenBytes));
    const head = parseReceivedHead(bytes.toString("latin1", from, end + 2));
    this.#leave(end + 4 < bytes.byteLength ? bytes.subarray(end + 4) : undefined);
    return head;
  }

  /** All that has come behind the last head. */
  takeRest(): Buffer | undefined {
    const rest = this.#unread;
    this.#leave(undefined);
    return rest;
  }

  #join(unread: Buffer, bytes: Buffer): Buffer {
    const length = unread.byteLength + bytes.byteLength;
    if (this.#room.byteLength < length) {
      this.#room = Buffer.allocUnsafeSlow(2 * length);
      this.#room.set(unread);
    }
    this.#room.set(bytes, unread.byteLength);
    return this.#room.subarray(0, length);
  }

  /** Goes on with what is behind a head. */
  #leave(rest: Buffer | undefined): void {
    this.#unread = rest;
    this.#room = NO_ROOM;
    this.#seenBytes = 0;
  }

  /** What can never become a head is refused at once: nobody shall wait for its end. */
  #refuseHopeless(bytes: Buffer, from: number): undefined {
    const isAmidLineEnd = bytes[from - 1] === CR;
    if (hopeless.test(bytes.toString("latin1", isAmidLineEnd ? from - 1 : from)))
      throw new MalformedRequest("its head is malformed");
    this.#seenBytes = bytes.byteLength;
  }
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const hopeless = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|(?:^|[^\r])\n/;
