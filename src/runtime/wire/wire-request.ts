/** One request to a server. */
export interface WireRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly target: string;
  /** Must hold Host. */
  readonly headers: Headers;
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
  /** Settles with the answer's head; rejects with a fault that the host's `classifyError` names. */
  readonly answer: Promise<ServerAnswer>;
  /** Ends it at once, wherever it is; harmless when it is over. */
  cut(): void;
}

/** A server's answer. */
export interface ServerAnswer {
  readonly status: number;
  /** Each name with its value behind it. */
  readonly fields: readonly string[];
  /** All of it where it is at hand, which is empty where the answer has none. */
  readonly body: Uint8Array | BodySource;
}
