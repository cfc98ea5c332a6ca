import type { Refusal } from "../../http/failures.ts";
import type { Connection } from "../../runtime/host.ts";

/** One request and its answer: what the steps learn of it, and the only place where they meet. */
export interface Exchange {
  readonly request: Request;
  readonly connection: Connection;
  /** The listener that the request came in by. */
  readonly listener: string;
  readonly method: string;
  /** The address at the other end of the connection, normalised. */
  readonly peer: string;
  readonly isPeerTrusted: boolean;
  /** The address that the request is counted under. */
  readonly client: string;
  readonly scheme: "http" | "https";
  /** In lower case, without port. */
  readonly host: string;
  /** The port that the client meant. */
  readonly port: number;
  /** Host and port as the client wrote them. */
  readonly authority: string;
  /** The canonical path, as the server gets it. */
  readonly path: string;
  /** The canonical path for matching: `%2F` counts as `/`. */
  readonly matchPath: string;
  /** With its leading `?`, or "". */
  readonly query: string;
  readonly requestId: string;
  /** Wall clock, ms, for the log. */
  readonly startedAt: number;
  /** Monotonic clock, ms, for durations. */
  readonly startedMs: number;

  /** Path and query for the server: the canonical ones until a rewrite changes them. */
  target: string;
  /** What the router found; "" before, and where nothing matched. */
  route: string;
  /** The upstream that answered or was asked; "" for an answer of our own. */
  upstream: string;
  /** What was tried, in order. */
  readonly attempts: AttemptRecord[];
  /** Why we answered ourselves; undefined for a server's answer. */
  refusal: Refusal | undefined;
  /** What the client got; 0 until then, 499 where it left before. */
  status: number;
  /** Bytes of the request's body that were read. */
  bytesIn: number;
  /** Bytes of the answer's body that were handed to the client. */
  bytesOut: number;
  /** From the start to the answer's headers, ms. */
  headersMs: number;
  /** Why the answer broke off after its headers; "" while it did not. */
  broken: string;
  /** Whether the runtime was told not to cut the connection for being quiet. */
  isIdleLifted: boolean;
  /** Whether the answer's end is seen by whoever passes its body on; else it ends when it is handed over. */
  isStreaming: boolean;
  isUpgraded: boolean;
  isEnded: boolean;
}

/** One attempt, for the log. */
export interface AttemptRecord {
  readonly server: string;
  /** The server's status, or the failure's name. */
  readonly outcome: number | string;
  readonly ms: number;
}
