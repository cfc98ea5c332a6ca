import type { ClientTls } from "./client.ts";
import type { FetchFault } from "./request-fault.ts";

/** How a client's connection becomes a WebSocket. */
export interface AcceptOptions {
  /** The sub-protocol that the server chose; "" for none. */
  readonly protocol: string;
  readonly headers: Headers;
  readonly events: SocketEvents;
}

/** How a WebSocket to a server is opened. */
export interface DialOptions {
  readonly url: string;
  readonly headers: Headers;
  readonly protocols: readonly string[];
  readonly tls: ClientTls | undefined;
  /** How long the connection may take to come about, ms; Infinity = as long as the system tries. */
  readonly connectMs: number;
  readonly signal: AbortSignal;
  readonly events: SocketEvents;
}

/** One end of a WebSocket. */
export interface Socket {
  readonly protocol: string;
  /** Sends a message; false where the peer reads too slowly and the message is lost. */
  send(message: string | Uint8Array): boolean;
  /** Bytes that were sent and are not yet on the wire. */
  bufferedBytes(): number;
  /** Says goodbye with a code (1005 = with none), or, where the code cannot be said (1006), cuts the connection. */
  close(code: number, reason: string): void;
}

/** The end of a WebSocket to a server. It hears nothing before `resume` is called for the first time. */
export interface DialledSocket extends Socket {
  /** The cookies that came with the server's agreement. */
  readonly setCookies: readonly string[];
  /** Stops hearing, and thereby, soon, the server's sending. */
  pause(): void;
  resume(): void;
}

/** What happens on one end of a WebSocket. */
export interface SocketEvents {
  /** The client's end is open; not called for a dialled one, whose promise says so. */
  open(socket: Socket): void;
  message(message: string | Uint8Array): void;
  /** Called once. 1006 where the peer left without a close frame. */
  close(code: number, reason: string): void;
}

/** The head of an answer that is no WebSocket. */
export interface DialAnswer {
  readonly status: number;
  readonly headers: Headers;
}

/** A WebSocket handshake that failed; `answer` is what the server answered instead, where it did. */
export class DialError extends Error {
  readonly fault: FetchFault;
  readonly answer: DialAnswer | undefined;

  constructor(message: string, fault: FetchFault, answer?: DialAnswer) {
    super(message);
    this.name = "DialError";
    this.fault = fault;
    this.answer = answer;
  }
}
