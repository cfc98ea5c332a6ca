import type { ReadableFields } from "../http/fields/request-fields.ts";
import type { IncomingRequest } from "../http/incoming-request.ts";
import type { FieldList } from "../http/fields/field-list.ts";
import type { AppendFile } from "./append-file.ts";
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
  ): Response | undefined;
  /** What a listener's handler gives back after an upgrade: Bun wants nothing then. */
  afterUpgrade(response: Response): Response | undefined;
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

/** What the runtime hands along with a request: opaque to everybody but the host that made it. */
export type Connection = unknown;

/** Answers one request; undefined where the connection became a WebSocket. */
export type RequestHandler = (
  request: IncomingRequest,
  connection: Connection,
) => Response | undefined | Promise<Response | undefined>;

/** How a listener is opened, and what answers on it. */
export interface ListenOptions extends ListenAddress {
  readonly handle: RequestHandler;
}

/** How an app is listened for. */
export interface ServeOptions extends ListenAddress {
  readonly handle: (
    request: Request,
    connection: Connection,
  ) => Response | undefined | Promise<Response | undefined>;
}

/** Where a listener accepts, and what it speaks. */
export interface ListenAddress {
  /** An address without brackets, or undefined for all interfaces, v4 and v6. */
  readonly hostname: string | undefined;
  readonly port: number;
  /** Whether several workers share the port (SO_REUSEPORT). */
  readonly isShared: boolean;
  readonly http2: boolean;
  readonly idleTimeoutMs: number;
  /** Without it the listener speaks plaintext. */
  readonly tls?: ListenTls;
}

/** How a listener speaks TLS; PEM texts, not files. */
export interface ListenTls {
  /** The first serves every client that names no server, or one that no certificate covers. */
  readonly certificates: readonly [ListenCertificate, ...ListenCertificate[]];
  readonly oldestVersion: "1.2" | "1.3";
  readonly clientAuth?: ClientAuth;
}

/** A certificate, its chain and its key. */
export interface ListenCertificate {
  readonly cert: string;
  readonly key: string;
  /** The server names that it serves; a `*` stands for one label. */
  readonly names: readonly string[];
}

/** Mutual TLS: who signs the certificates of clients, and whether a client needs one. */
export interface ClientAuth {
  readonly ca: string;
  readonly required: boolean;
}

/** An open listener. */
export interface HostListener {
  readonly hostname: string;
  readonly port: number;
  /** Answers with another handler from now on; requests under way keep theirs. */
  replaceHandler(handle: RequestHandler): void;
  /** Stops accepting, closes idle connections, and resolves when the last request is answered. */
  stop(): Promise<void>;
  /** Closes everything at once. */
  abort(): void;
}

/** How the connections toward one upstream are made. */
export interface ClientOptions {
  /** How long an idle connection is kept, ms; 0 = every request has a connection of its own. */
  readonly idleTimeoutMs: number;
  readonly tls: ClientTls | undefined;
}

/** TLS toward a server; PEM texts, not files. */
export interface ClientTls {
  readonly ca?: string;
  readonly serverName?: string;
  readonly verify: boolean;
  readonly cert?: string;
  readonly key?: string;
}

/** Sends requests to the servers of one upstream. */
export interface Client {
  /**
   * Sends one request as it is: no redirects followed, no body decoded, no proxy of the environment.
   *
   * @throws {Error} where the request could be read as another.
   */
  send(request: ClientRequest): Call;
  /** The same for those who ask seldom. */
  fetch(url: string, init: FetchInit): Promise<Response>;
  close(): void;
}

/** One request to a server. */
export interface ClientRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Must hold Host; names in lower case. */
  readonly headers: ReadableFields;
  /** A body whose length stands in Content-Length is sent as such, another in chunks. */
  readonly body: BodySource | null;
  /** How long a connection may take to come about, handshake included, ms; Infinity = as long as the system tries. */
  readonly connectMs: number;
}

/** A body, read piece by piece. */
export interface BodySource {
  /** The next bytes; undefined at the end. Rejects where it breaks off. */
  read(): Promise<Uint8Array | undefined>;
}

/** A request under way. */
export interface Call {
  /** Settles with the head of the server's answer; rejects with what the host's `classifyError` names. */
  readonly reply: Promise<Reply>;
  /** Ends it at once, wherever it is; harmless when it is over. */
  cut(): void;
}

/** What a server answers. */
export interface Reply {
  readonly status: number;
  readonly fields: FieldList;
  /** All of it where it is at hand, which is empty where there is none. */
  readonly body: Uint8Array | BodySource;
}

/** One outgoing request in the manner of `fetch`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | null;
  readonly signal: AbortSignal;
}

/** Why an outgoing request failed, as far as the runtime tells. */
export type FetchFault =
  | "refused" // nothing was sent
  | "dns" // nothing was sent
  | "tls" // nothing was sent
  | "certificate" // nothing was sent
  | "connect-timeout" // nothing was sent
  | "reset" // the server may have seen the request
  | "protocol" // the server's answer is not HTTP
  | "long-head" // the server's answer has too many fields, or too long ones
  | "coding" // the server's answer has a transfer coding that nobody asked for
  | "unwritable" // the request could be read as another; nothing was sent
  | "aborted"
  | "unknown";

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
