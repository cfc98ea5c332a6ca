import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { IncomingRequest } from "../../http/incoming-request.ts";
import { createHash } from "node:crypto";
import type { AcceptOptions, Socket, SocketEvents } from "../socket.ts";
import { encodeServerFrame, Opcode } from "../web-socket/socket-frames.ts";
import {
  ABNORMAL,
  closePayload,
  isSendable,
  MAX_MESSAGE_BYTES,
  MessageReader,
  NO_CODE,
} from "../web-socket/socket-messages.ts";
import type { SocketSaying } from "../web-socket/socket-messages.ts";
import { systemTime } from "../time.ts";
import type { FrontConnection, Successor } from "./front-connection.ts";

/** RFC 6455, 1.3. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** How often a client is asked whether it is still there, and how long it may be silent then, ms. */
const PING_MS = 60_000;

/** Makes a WebSocket of a connection; the empty answer only tells the steps that it is done. Undefined where it is over. */
export function acceptFrontSocket(
  { headers }: IncomingRequest,
  connection: FrontConnection,
  options: AcceptOptions,
): OutgoingAnswer | undefined {
  const socket = new FrontSocket(connection, options.events);
  const rest = connection.hand(socket, agreement(headers.get("sec-websocket-key") ?? "", options));
  if (!rest) return undefined;
  queueMicrotask(() => socket.open(rest));
  return { status: 204, headers: new CheckedFields(), body: null };
}

function agreement(key: string, { protocol, headers }: AcceptOptions): string {
  const accept = createHash("sha1")
    .update(key + KEY_SUFFIX)
    .digest("base64");
  let lines = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
  headers.forEach((value, name) => (lines += `${name}: ${value}\r\n`));
  if (protocol !== "") lines += `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return `${lines}\r\n`;
}

/** Our end of a client's WebSocket. */
class FrontSocket implements Socket, Successor {
  readonly protocol = "";
  readonly #connection: FrontConnection;
  readonly #events: SocketEvents;
  readonly #reader = new MessageReader(MAX_MESSAGE_BYTES, "client");
  #isClosed = false;
  #hasPinged = false;
  /** What the client asked with, where it has not been told yet that we are here. */
  #pong: Uint8Array | undefined;
  #pinging: { stop(): void } | undefined;

  constructor(connection: FrontConnection, events: SocketEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  open(rest: Buffer): void {
    this.#pinging = systemTime.every(PING_MS, () => this.#ping());
    this.#events.open(this);
    if (rest.length > 0) this.hear(rest);
  }

  hear(bytes: Buffer): void {
    this.#hasPinged = false;
    if (this.#isClosed) return;
    this.#reader.push(bytes);
    this.#readAll();
  }

  lost(): void {
    this.#leave(ABNORMAL, "");
    this.#pinging?.stop();
  }

  send(message: string | Uint8Array): boolean {
    if (this.#isClosed) return false;
    const isText = typeof message === "string";
    const payload = isText ? Buffer.from(message) : message;
    this.#connection.outlet.write(encodeServerFrame(isText ? Opcode.text : Opcode.binary, payload));
    if (this.bufferedBytes() <= MAX_MESSAGE_BYTES) return true;
    this.#connection.cut();
    return false;
  }

  bufferedBytes(): number {
    return this.#connection.outlet.unsentBytes;
  }

  close(code: number, reason: string): void {
    this.#isClosed = true;
    this.#pinging?.stop();
    if (!isSendable(code) && code !== NO_CODE) return this.#connection.cut();
    this.#connection.outlet.write(encodeServerFrame(Opcode.close, closePayload(code, reason)));
    this.#connection.end();
  }

  #readAll(): void {
    const fault = this.#reader.readWhile(
      () => !this.#isClosed,
      (saying) => this.#take(saying),
    );
    if (fault) this.#goodbye(fault.code, fault.message);
  }

  #take(saying: SocketSaying): void {
    if (saying.type === "message") this.#events.message(saying.message);
    else if (saying.type === "ping") this.#answerPing(saying.payload);
    else this.#goodbye(saying.code, saying.reason);
  }

  /** A client that asks and asks, and never reads, is told once, of what it asked last (RFC 6455, 5.5.3). */
  #answerPing(payload: Uint8Array): void {
    const { outlet } = this.#connection;
    const isWaiting = this.#pong !== undefined;
    this.#pong = new Uint8Array(payload); // a copy: else it would hold all that came with it
    if (outlet.isEmpty) this.#sendPong();
    else if (!isWaiting) void outlet.empty().then(() => this.#sendPong());
  }

  #sendPong(): void {
    const pong = this.#pong;
    this.#pong = undefined;
    if (pong && !this.#isClosed) this.#connection.outlet.write(encodeServerFrame(Opcode.pong, pong));
  }

  /** The client says goodbye, or does what it must not: goodbye is said to it, and told. */
  #goodbye(code: number, reason: string): void {
    this.close(code, reason);
    this.#events.close(code, reason);
  }

  /** Tells it once. */
  #leave(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.close(code, reason);
  }

  /** A client that vanished is noticed by its silence. */
  #ping(): void {
    if (this.#hasPinged) return this.#connection.cut();
    this.#hasPinged = true;
    this.#connection.outlet.write(encodeServerFrame(Opcode.ping, new Uint8Array()));
  }
}
