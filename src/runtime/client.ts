import type { FieldList } from "../http/fields/field-list.ts";
import type { ReadableFields } from "../http/fields/field-lines.ts";

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
