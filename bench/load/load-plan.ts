/** As whom a load comes: addresses that the proxy is told in X-Forwarded-For, one request each in turn. */
export interface Clients {
  /** The first two parts of their addresses, such as 198.18. */
  readonly prefix: string;
  readonly count: number;
}

/** What a load generator does. */
export interface LoadPlan {
  readonly port: number;
  readonly method: "GET" | "POST";
  /** Asked for in turn. */
  readonly paths: readonly string[];
  /** Bytes of the body that each request sends. */
  readonly sentBytes: number;
  /** Bytes of the body that each answer must have; 0 = any, where the proxy makes it anew. */
  readonly expectedBytes: number;
  readonly connections: number;
  /** Before what is measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** How many requests start in a second, whether or not those before have ended; 0 = the next when one has ended. */
  readonly requestsPerSecond: number;
  /** How fast each connection reads; 0 = as fast as it can. */
  readonly readBytesPerSecond: number;
  /** Whether the connections are encrypted; the certificate is not looked at. */
  readonly isTls: boolean;
  /** Whether every request gets a connection of its own. */
  readonly isFreshEach: boolean;
  /** Whether it sends messages over WebSockets instead of requests; `expectedBytes` is their length. */
  readonly isWebSocket: boolean;
  /** Further fields of every request, such as `Accept-Encoding: gzip`. */
  readonly fields?: readonly string[];
  /** Without them it comes as who it is. */
  readonly clients?: Clients;
  /** Whether a 429 is an answer as good as any, and no error. */
  readonly mayBeRefused?: boolean;
}

/** What came of it. */
export interface LoadReport {
  /** All, the warm-up included; what was under way at the end counts by the share of its body that was through. */
  readonly requests: number;
  /** Of the measured time. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** How many of the requests got a 429 that was allowed. */
  readonly refused: number;
  readonly errors: number;
  /** The first error in words; "" for none. */
  readonly firstError: string;
}
