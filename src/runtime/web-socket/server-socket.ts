import type { Socket as TcpSocket } from "node:net";
import type { DialledSocket, SocketEvents } from "../socket.ts";
import { encodeFrame, Opcode } from "./socket-frames.ts";
import {
  ABNORMAL,
  closePayload,
  isSendable,
  MAX_MESSAGE_BYTES,
  MessageReader,
  NO_CODE,
} from "./socket-messages.ts";
import type { SocketSaying } from "./socket-messages.ts";
import { systemTime } from "../time.ts";

/** What an open connection to a server is made a WebSocket of. */
export interface ServerSocketParts {
  readonly connection: TcpSocket;
  readonly protocol: string;
  readonly setCookies: readonly string[];
  /** Bytes that came right behind the handshake. */
  readonly rest: Buffer;
  readonly events: SocketEvents;
}

/** How long a server may take to close its end after we did, whatever it sends, ms. */
const LINGER_MS = 3000;

/** How often a quiet connection is probed by the system, ms: a server that vanished is noticed. */
const KEEP_ALIVE_MS = 30_000;

/** Our end of a WebSocket to a server, over a connection whose handshake is done. */
export class ServerSocket implements DialledSocket {
  readonly protocol: string;
  readonly setCookies: readonly string[];
  readonly #connection: TcpSocket;
  readonly #events: SocketEvents;
  readonly #reader = new MessageReader(MAX_MESSAGE_BYTES);
  #isPaused = true;
  #isClosed = false;

  constructor({ connection, protocol, setCookies, rest, events }: ServerSocketParts) {
    this.protocol = protocol;
    this.setCookies = setCookies;
    this.#connection = connection;
    this.#events = events;
    connection.setKeepAlive(true, KEEP_ALIVE_MS);
    connection.on("error", () => {}); // What matters of it is the close that follows.
    connection.on("close", () => this.#leave(ABNORMAL, ""));
    connection.on("end", () => this.#leave(ABNORMAL, ""));
    connection.on("data", (chunk: Buffer) => this.#hear(chunk));
    this.#reader.push(rest);
    connection.pause();
  }

  send(message: string | Uint8Array): boolean {
    if (this.#isClosed || this.#connection.destroyed) return false;
    const isText = typeof message === "string";
    this.#connection.write(
      encodeFrame(isText ? Opcode.text : Opcode.binary, isText ? Buffer.from(message) : message),
    );
    return true;
  }

  bufferedBytes(): number {
    return this.#connection.writableLength;
  }

  pause(): void {
    this.#isPaused = true;
    this.#connection.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#readAll();
    if (!this.#isPaused) this.#connection.resume();
  }

  close(code: number, reason: string): void {
    if (this.#connection.destroyed) return;
    this.#isClosed = true;
    if (!isSendable(code) && code !== NO_CODE) return void this.#connection.resetAndDestroy();
    this.#connection.end(encodeFrame(Opcode.close, closePayload(code, reason)));
    this.#connection.resume(); // Or its close would never be read.
    const lingering = systemTime.after(LINGER_MS, () => this.#connection.destroy());
    this.#connection.once("close", () => lingering.stop());
  }

  #hear(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#reader.push(chunk);
    if (!this.#isPaused) this.#readAll();
  }

  #readAll(): void {
    const fault = this.#reader.readWhile(
      () => !this.#isPaused && !this.#isClosed,
      (saying) => this.#take(saying),
    );
    if (!fault) return;
    this.close(fault.code, fault.message);
    this.#events.close(fault.code, fault.message);
  }

  #take(saying: SocketSaying): void {
    if (saying.type === "message") this.#events.message(saying.message);
    else if (saying.type === "ping") this.#connection.write(encodeFrame(Opcode.pong, saying.payload));
    else this.#leave(saying.code, saying.reason);
  }

  /** Tells it once; whoever hears it answers with `close`. */
  #leave(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.close(code, reason);
    if (code === ABNORMAL) this.#connection.destroy();
  }
}
