import { Buffer } from "node:buffer";
import { MalformedRequest, parseReceivedHead } from "../../http/message/received-head.ts";
import type { ReceivedHead } from "../../http/message/received-head.ts";

const HEAD_END = Buffer.from("\r\n\r\n");

/** What has come on a connection and was not read yet: heads of requests, and what is behind them. */
export class HeadIntake {
  readonly #mostBytes: number;
  #unread: Buffer | undefined;

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
    this.#unread = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
  }

  /**
   * The next head; undefined where it is not whole yet. An empty line before it is passed over (RFC 9112, 2.2).
   *
   * @throws {MalformedRequest}
   */
  next(): ReceivedHead | undefined {
    const bytes = this.#unread;
    if (bytes === undefined) return undefined;
    const from = bytes[0] === 0x0d && bytes[1] === 0x0a ? 2 : 0;
    const end = bytes.indexOf(HEAD_END, from);
    if ((end < 0 ? bytes.byteLength : end) - from > this.#mostBytes)
      throw new MalformedRequest("its head is too long", 431);
    if (end < 0) return refuseHopeless(bytes, from);
    const head = parseReceivedHead(bytes.toString("latin1", from, end + 2));
    this.#unread = end + 4 < bytes.byteLength ? bytes.subarray(end + 4) : undefined;
    return head;
  }

  /** All that has come behind the last head. */
  takeRest(): Buffer | undefined {
    const rest = this.#unread;
    this.#unread = undefined;
    return rest;
  }
}

/** What can never become a head is refused at once: nobody shall wait for its end. */
function refuseHopeless(bytes: Buffer, from: number): undefined {
  if (hopeless.test(bytes.toString("latin1", from))) throw new MalformedRequest("its head is malformed");
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const hopeless = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|(?:^|[^\r])\n/;
