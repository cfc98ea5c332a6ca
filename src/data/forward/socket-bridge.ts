import type { DialledSocket, Socket, SocketEvents } from "../../runtime/socket.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import { releaseAttempt } from "./release-attempt.ts";

/** Past this much waiting for a slow client, bytes, its server is paused until half of it is gone. */
const PAUSE_BYTES = 1024 * 1024;

/** The most that may wait for a slow server, bytes: no runtime lets a client be paused. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** How often a slow client is looked at, ms. */
const LOOK_MS = 20;

/** Codes of RFC 6455, 7.4. */
const GOING_AWAY = 1001;
const ABNORMAL = 1006;
const TRY_AGAIN_LATER = 1013;

/** How each end is told that it is over. */
interface Parting {
  readonly clientCode: number;
  readonly serverCode: number;
  readonly reason: string;
}

/** How much waits for a client, and since when it does not get less; monotonic ms. */
interface Slow {
  readonly waitingBytes: number;
  readonly sinceMs: number;
}

/**
 * Two WebSockets, joined message by message: what one end says the other hears; when one leaves, the other is told, with
 * the same code and reason.
 */
export class SocketBridge {
  readonly fromServer: SocketEvents;
  readonly fromClient: SocketEvents;
  readonly #attempt: Attempt;
  readonly #tools: ForwardTools;
  /** How long a client may take nothing while something waits for it. */
  readonly #idleMs: number;
  #client: Socket | undefined;
  #server: DialledSocket | undefined;
  #isOver = false;

  constructor(attempt: Attempt, idleMs: number, tools: ForwardTools) {
    this.#attempt = attempt;
    this.#idleMs = idleMs;
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

  /** Tells the bridge the server's end, once it is open; it is heard when the client's end is open too. */
  join(server: DialledSocket): void {
    this.#server = server;
  }

  /** Both ends go, whoever went first. */
  leave(code: number, reason: string): void {
    this.#part({ clientCode: code, serverCode: code, reason });
  }

  /** The client left while its end was being opened: then nobody else would ever say so. */
  leaveUnopened(): void {
    if (!this.#client) this.leave(ABNORMAL, "");
  }

  #part({ clientCode, serverCode, reason }: Parting): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#client?.close(clientCode, reason);
    this.#server?.close(serverCode, reason);
    releaseAttempt(this.#attempt, this.#tools);
    this.#tools.end(
      this.#attempt.exchange,
      clientCode === ABNORMAL || serverCode === ABNORMAL ? "socket_broken" : "",
    );
  }

  #openClient(socket: Socket): void {
    this.#client = socket;
    if (this.#isOver) socket.close(ABNORMAL, "");
    else this.#server?.resume();
  }

  #hearServer(message: string | Uint8Array): void {
    this.#attempt.bytesOut += lengthOf(message);
    if (!this.#client?.send(message)) return this.leave(ABNORMAL, "");
    const waitingBytes = this.#client.bufferedBytes();
    if (waitingBytes <= PAUSE_BYTES) return;
    this.#server?.pause();
    this.#look({ waitingBytes, sinceMs: this.#tools.host.time.monotonicMs() });
  }

  /** Waits for a slow client, and parts with one that takes nothing for too long. */
  #look(slow: Slow): void {
    this.#tools.deadlines.after(LOOK_MS, () => {
      if (this.#isOver || !this.#client) return;
      const waitingBytes = this.#client.bufferedBytes();
      const nowMs = this.#tools.host.time.monotonicMs();
      if (waitingBytes <= PAUSE_BYTES / 2) this.#server?.resume();
      else if (waitingBytes < slow.waitingBytes) this.#look({ waitingBytes, sinceMs: nowMs });
      else if (nowMs - slow.sinceMs < this.#idleMs) this.#look(slow);
      else this.#part({ clientCode: ABNORMAL, serverCode: GOING_AWAY, reason: "the client does not read" });
    });
  }

  #hearClient(message: string | Uint8Array): void {
    this.#attempt.bytesIn += lengthOf(message);
    if (!this.#server?.send(message)) return this.leave(ABNORMAL, "");
    if (this.#server.bufferedBytes() <= MAX_WAITING_BYTES) return;
    this.#part({ clientCode: TRY_AGAIN_LATER, serverCode: ABNORMAL, reason: "the server does not read" });
  }
}

function lengthOf(message: string | Uint8Array): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
}
