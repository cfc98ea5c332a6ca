import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import type { IncomingRequest } from "../http/incoming-request.ts";
import type { AppendFile } from "./append-file.ts";
import type { Client, ClientOptions } from "./client.ts";
import type { Connection, HostListener, ListenOptions, ServeOptions } from "./listener.ts";
import type { FetchFault } from "./request-fault.ts";
import type { AcceptOptions, DialledSocket, DialOptions } from "./socket.ts";
import type { Steering } from "./steer-connections.ts";

/**
 * What Headgate asks of the runtime that it stands on: sockets, outgoing requests, time and chance.
 *
 * Bun and Deno each implement it in a file of their own; nothing above this room knows which of them is running.
 */
export interface Host {
  readonly name: "bun" | "deno";
  readonly version: string;
  /** What this runtime cannot do, by feature; the start-up refuses a configuration that needs it. */
  readonly lacks: ReadonlySet<HostFeature>;
  /** The longest header section that the runtime takes, bytes: it refuses longer ones itself, and nothing raises it. */
  readonly headerCapBytes: number;
  readonly time: Time;
  /** A number in [0, 1), for balancing and jitter; never for secrets. */
  readonly random: () => number;
  /** Loads a module by its whole path; another version of the same file is a module of its own. */
  importModule(file: string, version: string): Promise<unknown>;
  /** Accepts on an address. Throws an error with `code: "EADDRINUSE"` where the port is taken. */
  listen(options: ListenOptions): HostListener;
  /** The same for an app, which wants every request as a whole `Request`. */
  serve(options: ServeOptions): HostListener;
  /** Says which listeners of this process take the new connections to a port that they share; false if it cannot. */
  steerConnections(port: number, toward: Steering): boolean;
  /** The address of the TCP peer, as the runtime spells it; "" where there is none. */
  peerAddress(request: IncomingRequest, connection: Connection): string;
  /** Whether `request.signal` tells that the client has left though nobody listened to it when that happened. */
  readonly tellsLateOfLeaving: boolean;
  /**
   * Lifts the runtime's own idle limit from the connection while an exchange is slow on purpose, or puts it back.
   * Bun's counts thinking time and slow streams as idle, and what is lifted stays lifted until it is put back.
   */
  limitIdle(request: IncomingRequest, connection: Connection, isLimited: boolean): void;
  /** Prepares the connections toward one upstream. */
  createClient(options: ClientOptions): Client;
  /** Turns the request into a WebSocket; the response is what the listener's handler must return. */
  acceptWebSocket(
    request: IncomingRequest,
    connection: Connection,
    options: AcceptOptions,
  ): OutgoingAnswer | undefined;
  /** What a listener's handler gives back after an upgrade: Bun wants nothing then. */
  afterUpgrade(answer: OutgoingAnswer): OutgoingAnswer | undefined;
  /** Opens a WebSocket to a server; rejects with a `DialError` where the handshake fails. */
  dialWebSocket(options: DialOptions): Promise<DialledSocket>;
  /**
   * Opens and closes a TCP connection; false where that takes longer than `timeoutMs` or fails. Undefined where nobody
   * need ask: where a client knows when it has connected, and keeps the `connectMs` of its requests itself.
   */
  readonly canConnect:
    | ((address: { hostname: string; port: number }, timeoutMs: number) => Promise<boolean>)
    | undefined;
  /** Opens `stdout`, `stderr` or a file for appending. Throws where it cannot. */
  openAppendFile(name: string): AppendFile;
  /** Says that another two megabytes of bytes were made which nobody needs any more; a runtime may not notice by itself. */
  collectGarbage(): void;
  /** Encodes bytes in gzip at once, at libdeflate's levels 1 to 12; undefined where `node:zlib` is the best that there is. */
  readonly gzip: ((bytes: Uint8Array, level: number) => Uint8Array) | undefined;
  /** Why a request or the reading of a body failed. */
  classifyError(error: unknown): FetchFault;
}

/** What a runtime may lack. */
export type HostFeature =
  | "raw-bodies"
  | "several-certificates"
  | "oldest-tls-version"
  | "client-certificates"
  | "http1-only"
  | "insecure-upstream-tls"
  | "server-name";

/** The clock and the timers; a fake one in tests. */
export interface Time {
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  after(delayMs: number, run: () => void): Timer;
  every(intervalMs: number, run: () => void): Timer;
}

/** A timer that can be stopped; stopping twice is harmless. */
export interface Timer {
  stop(): void;
}
