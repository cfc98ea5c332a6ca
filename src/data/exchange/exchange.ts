import type { OutgoingFields } from "../../http/outgoing-answer.ts";
import type { IncomingFields, IncomingRequest } from "../../http/incoming-request.ts";
import type { Authority } from "../../http/address/authority.ts";
import type { Target } from "../../http/canonical-path.ts";
import type { ErrorTemplate } from "../../http/pages/error-template.ts";
import type { Refusal } from "../../http/failures.ts";
import type { Connection } from "../../runtime/listener.ts";
import type { Trace } from "./trace.ts";
import type { ReceivedBody } from "./received-body.ts";

/** What is known of a request when it comes in. */
export interface Arrived {
  readonly request: IncomingRequest;
  readonly connection: Connection;
  readonly listener: string;
  readonly peer: string;
  readonly isPeerTrusted: boolean;
  readonly client: string;
  readonly scheme: "http" | "https";
  readonly authority: Authority;
  /** Host and port as the client wrote them. */
  readonly written: string;
  readonly target: Target;
  readonly refusal: Refusal | undefined;
  readonly requestId: string;
  readonly startedAt: number;
  readonly startedMs: number;
}

/** One request and its answer: what the steps learn of it, and the only place where they meet. */
export class Exchange {
  readonly request: IncomingRequest;
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
  /** The fields that go on to the server, before ours are added: the client's until a filter copies and changes them. */
  headers: IncomingFields;
  /** The body that goes on in place of the client's; undefined where no filter works on it. */
  body: ReadableStream<Uint8Array> | undefined;
  /** What the client itself sends, where a filter works on it. */
  clientBody: ReceivedBody | undefined;
  /** What the router found; "" before, and where nothing matched. */
  route = "";
  /** The upstream that answered or was asked; "" for an answer of our own. */
  upstream = "";
  /** Its place in a trace; undefined where nothing is traced. */
  trace: Trace | undefined;
  /** What was tried, in order. */
  readonly attempts: AttemptRecord[] = [];
  /** Why we answered ourselves; undefined for a server's answer. */
  refusal: Refusal | undefined;
  /** What the client got; 0 until then, 499 where it left before. */
  status = 0;
  /** Bytes of the request's body that were read. */
  bytesIn = 0;
  /** Bytes of the answer's body that were handed to the client. */
  bytesOut = 0;
  /** From the start to the answer's headers, ms. */
  headersMs = 0;
  /** Why the answer broke off after its headers; "" while it did not. */
  broken = "";
  /** The longest body that may be sent without saying its length, bytes; 0 = no limit. */
  bodyLimitBytes = 0;
  /** Whether more than that came. */
  isBodyTooLong = false;
  /** The slowest that a body may come, bytes a second; 0 = it may take its time. */
  minUploadBytesPerSecond = 0;
  /** Whether it came more slowly. */
  isBodyTooSlow = false;
  /** What the limits of rates leave, for the answer's fields; undefined where there are none. */
  rateLimit: RateLimitFields | undefined;
  #atEnd: (() => void)[] | undefined;
  /** The site's own pages for errors, by route and status; undefined where it has none. */
  errorPages: ErrorPages | undefined;
  /** Edits the fields of our own error answers as the route wants; undefined where no route does. */
  errorFields: ErrorFields | undefined;
  /** A cookie between the client and us, which no server sees; "" = none. */
  hiddenCookie = "";
  /** Whether the runtime was told not to cut the connection for being quiet. */
  isIdleLifted = false;
  /** Whether the answer's end is seen by whoever passes its body on; else it ends when it is handed over. */
  isStreaming = false;
  isUpgraded = false;
  isEnded = false;

  constructor(arrived: Arrived) {
    const { request, authority, target, scheme } = arrived;
    this.request = request;
    this.headers = request.headers;
    this.connection = arrived.connection;
    this.listener = arrived.listener;
    this.method = request.method;
    this.peer = arrived.peer;
    this.isPeerTrusted = arrived.isPeerTrusted;
    this.client = arrived.client;
    this.scheme = scheme;
    this.host = authority.host;
    this.port = authority.port ?? (scheme === "https" ? 443 : 80);
    this.authority = arrived.written;
    this.path = target.path;
    this.matchPath = target.matchPath;
    this.query = target.query;
    this.target = target.path + target.query;
    this.requestId = arrived.requestId;
    this.startedAt = arrived.startedAt;
    this.startedMs = arrived.startedMs;
    this.refusal = arrived.refusal;
  }

  /** Has something done when the exchange is over, however it ends. */
  atEnd(run: () => void): void {
    this.#atEnd ??= [];
    this.#atEnd.push(run);
  }

  /** Does what is to be done when the exchange is over; once. */
  runAtEnd(): void {
    const all = this.#atEnd;
    this.#atEnd = undefined;
    for (const run of all ?? []) run();
  }
}

/** The fields RateLimit and RateLimit-Policy. */
export interface RateLimitFields {
  readonly left: string;
  readonly policy: string;
}

/** Edits the fields of an error answer of ours on a route, or ("") on none. */
export type ErrorFields = (route: string, headers: OutgoingFields) => void;

/** The site's own page for a status, on a route or ("") on none; undefined = the built-in one. */
export type ErrorPages = (route: string, status: number) => ErrorTemplate | undefined;

/** One attempt, for the log. */
export interface AttemptRecord {
  readonly server: string;
  /** The server's status, or the failure's name. */
  readonly outcome: number | string;
  readonly ms: number;
}
