import type { LoadPlan } from "./load-plan.ts";
import { ResponseReader } from "./response-reader.ts";
import type { Answer } from "./response-reader.ts";
import { handshake, MessageReader } from "./web-socket.ts";

/** Who hears of a connection's answers. */
export interface ConnectionEvents {
  /** An answer is whole: the connection is free. */
  onAnswer(connection: Connection, answer: Answer): void;
  /** The connection broke off, or what came was no answer. */
  onError(connection: Connection, message: string): void;
}

/** What all bodies are made of. */
const FILLING = Buffer.alloc(256 * 1024, "x");

/** A keep-alive connection with at most one request in flight. */
export class Connection {
  /** When the request in flight was due, ms. */
  dueMs = 0;
  isBusy = false;
  readonly #plan: LoadPlan;
  readonly #events: ConnectionEvents;
  readonly #reader: ResponseReader | MessageReader;
  /** Where it must first become a WebSocket. */
  readonly #opened = Promise.withResolvers<void>();
  #socket: Bun.Socket | undefined;
  #head: Uint8Array = FILLING.subarray(0, 0);
  #bodyLeft = 0;
  #isClosing = false;

  private constructor(plan: LoadPlan, events: ConnectionEvents) {
    this.#plan = plan;
    this.#events = events;
    const onAnswer = (answer: Answer): void => {
      this.isBusy = false;
      events.onAnswer(this, answer);
    };
    this.#reader = plan.isWebSocket
      ? new MessageReader(this.#opened.resolve, onAnswer)
      : new ResponseReader(onAnswer);
  }

  static async open(plan: LoadPlan, events: ConnectionEvents): Promise<Connection> {
    const connection = new Connection(plan, events);
    connection.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: plan.port,
      ...(plan.isTls ? { tls: { rejectUnauthorized: false } } : {}),
      socket: {
        data: (socket, data) => connection.#receive(socket, data),
        drain: () => connection.#flush(),
        close: () => connection.#fail("the connection was closed"),
        error: (_socket, error) => connection.#fail(error.message),
      },
    });
    connection.#socket.setNoDelay(true);
    if (plan.isWebSocket) {
      connection.#socket.write(handshake(plan.paths[0] ?? "/", plan.port));
      await connection.#opened.promise;
    }
    return connection;
  }

  /** Sends a request; its head is given, its body made here. */
  send(head: Uint8Array, dueMs: number): void {
    this.dueMs = dueMs;
    this.isBusy = true;
    this.#head = head;
    this.#bodyLeft = this.#plan.sentBytes;
    this.#flush();
  }

  /** The share of the body under way that is through, 0..1. */
  progress(): number {
    if (!this.isBusy) return 0;
    const { sentBytes, expectedBytes } = this.#plan;
    if (sentBytes > 0) return (sentBytes - this.#bodyLeft) / sentBytes;
    return expectedBytes === 0 ? 0 : this.#reader.bodyBytes / expectedBytes;
  }

  close(): void {
    this.#isClosing = true;
    this.#socket?.terminate();
  }

  #flush(): void {
    while (this.#head.length > 0 || this.#bodyLeft > 0) {
      const isHead = this.#head.length > 0;
      const part = isHead ? this.#head : FILLING.subarray(0, Math.min(FILLING.length, this.#bodyLeft));
      const written = Math.max(0, this.#socket?.write(part) ?? 0);
      if (isHead) this.#head = this.#head.subarray(written);
      else this.#bodyLeft -= written;
      if (written < part.length) return;
    }
  }

  #receive(socket: Bun.Socket, data: Buffer): void {
    const { readBytesPerSecond } = this.#plan;
    if (readBytesPerSecond > 0) {
      socket.pause();
      setTimeout(() => socket.resume(), (data.length / readBytesPerSecond) * 1000);
    }
    try {
      this.#reader.feed(data);
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #fail(message: string): void {
    if (this.#isClosing) return;
    this.close();
    this.#opened.resolve();
    this.#events.onError(this, message);
  }
}
