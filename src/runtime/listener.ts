import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import type { IncomingRequest } from "../http/incoming-request.ts";

/** What the runtime hands along with a request: opaque to everybody but the host that made it. */
export type Connection = unknown;

/** Answers one request; undefined where the connection became a WebSocket. */
export type RequestHandler = (
  request: IncomingRequest,
  connection: Connection,
) => OutgoingAnswer | undefined | Promise<OutgoingAnswer | undefined>;

/** How a listener is opened, and what answers on it. */
export interface ListenOptions extends ListenAddress {
  readonly handle: RequestHandler;
}

/** How an app is listened for. */
export interface ServeOptions extends ListenAddress {
  readonly handle: (
    request: Request,
    connection: Connection,
  ) => OutgoingAnswer | undefined | Promise<OutgoingAnswer | undefined>;
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
