import type { Socket, SocketEvents } from "../../runtime/host.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { releaseAttempt } from "./release-attempt.ts";

/** The most that may wait for a slow reader, bytes, in either direction: neither end can be told to pause. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Codes of RFC 6455, 7.4. */
const ABNORMAL = 1006;
const TRY_AGAIN_LATER = 1013;

/**
 * Two WebSockets, joined message by message: what one end says the other hears; when one leaves, the other is told, with
 * the same code and reason.
 */
export class SocketBridge {
  readonly fromServer: SocketEvents;
  readonly fromClient: SocketEvents;
  readonly #attempt: Attempt;
  readonly #tools: ForwardTools;
  /** What the server said before the client's end was open. */
  readonly #early: (string | Uint8Array)[] = [];
  #client: Socket | undefined;
  #server: Socket | undefined;
  #isOver = false;

  constructor(attempt: Attempt, tools: ForwardTools) {
    this.#attempt = attempt;
    this.#tools = tools;
    const close = (code: number, reason: string): void => this.leave(code, reason);
    this.fromServer = { open: () => {}, message: (message) => this.#hearServer(message), close };
    this.fromClient = {
      open: (socket) => this.#openClient(socket),
      message: (message) => this.#hearClient(message),
      close,
    };
  }

  /** The sub-protocol that the server chose; "" for none. */
  protocol(): string {
    return this.#server?.protocol ?? "";
  }

  /** Tells the bridge the server's end, once it is open. */
  join(server: Socket): void {
    this.#server = server;
  }

  /** Both ends go, whoever went first. */
  leave(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#client?.close(code, reason);
    this.#server?.close(code, reason);
    releaseAttempt(this.#attempt, this.#tools);
    this.#tools.end(this.#attempt.exchange, code === ABNORMAL ? "socket_broken" : "");
  }

  #openClient(socket: Socket): void {
    this.#client = socket;
    if (this.#isOver) socket.close(ABNORMAL, "");
    for (const message of this.#early.splice(0)) this.#pass(socket, message);
  }

  #hearServer(message: string | Uint8Array): void {
    this.#attempt.bytesOut += lengthOf(message);
    if (this.#client) this.#pass(this.#client, message);
    else this.#early.push(message);
  }

  #hearClient(message: string | Uint8Array): void {
    this.#attempt.bytesIn += lengthOf(message);
    if (this.#server) this.#pass(this.#server, message);
  }

  #pass(to: Socket, message: string | Uint8Array): void {
    if (to.send(message) && to.bufferedBytes() <= MAX_WAITING_BYTES) return;
    this.leave(TRY_AGAIN_LATER, "too slow");
  }
}

function lengthOf(message: string | Uint8Array): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
}
