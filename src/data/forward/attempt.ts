import type { ReadableFields } from "../../http/fields/field-lines.ts";
import type { FailureType } from "../../http/failures.ts";
import { type CutReason, isCutReason } from "../exchange/cut-reason.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AttemptSpan } from "../exchange/trace.ts";
import type { Call, Reply } from "../../runtime/client.ts";
import type { Server } from "../upstream/server.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Deadline } from "../deadlines.ts";
import type { KeptBody } from "./body/kept-body.ts";
import type { TimeLimits } from "./time-limits.ts";

/** Why an attempt was given up or failed; all but the first kind say nothing about the server. */
export type Fault = FailureType | CutReason;

/** Where an attempt goes. */
export interface AttemptPlace {
  readonly exchange: Exchange;
  readonly upstream: Upstream;
  readonly server: Server;
}

/** One try to get an answer from one server. */
export class Attempt {
  readonly exchange: Exchange;
  readonly upstream: Upstream;
  readonly server: Server;
  readonly body: KeptBody | undefined;
  readonly startedMs: number;
  /** Whether the server was ejected when it was chosen: then this attempt decides whether it comes back. */
  readonly isTrial: boolean;
  /** Its request under way; undefined before it was sent. */
  call: Pick<Call, "cut"> | undefined;
  /** Why we cut it; undefined while we did not. */
  fault: Fault | undefined;
  deadline: Deadline | undefined;
  /** When the answer's headers came, monotonic ms; NaN before. */
  answeredMs = Number.NaN;
  /** Called when it is cut after its headers, so that whoever passes the body on hears of it. */
  onCut: (() => void) | undefined;
  /** Bytes that the client sent besides the body: the messages of a WebSocket. */
  bytesIn = 0;
  /** Bytes of the answer's body that were handed to the client. */
  bytesOut = 0;
  /** What is counted of it when it ends: the server's status, 0 for a failure; undefined where it says nothing. */
  result: number | undefined;
  /** What is recorded of it in a trace; undefined where nothing is. */
  span: AttemptSpan | undefined;
  /** Whether the client's leaving takes it along already. */
  isClientWatched = false;
  /** Whether what came of it was counted. */
  isCounted = false;
  /** Whether it was taken off the board. */
  isReleased = false;

  constructor(place: AttemptPlace, start: Pick<Attempt, "body" | "startedMs" | "isTrial">) {
    this.exchange = place.exchange;
    this.upstream = place.upstream;
    this.server = place.server;
    this.body = start.body;
    this.startedMs = start.startedMs;
    this.isTrial = start.isTrial;
  }
}

/** What an attempt sends. */
export interface AttemptRequest {
  readonly headers: ReadableFields;
  readonly body: KeptBody | undefined;
  readonly limits: TimeLimits;
}

/** What came of an attempt: an answer whose body is still to come, or a failure. */
export type Outcome =
  | { readonly attempt: Attempt; readonly reply: Reply }
  | { readonly attempt: Attempt; readonly failure: Fault; readonly reply?: undefined };

/** Cuts an attempt for a reason; only the first counts. */
export function giveUp(attempt: Attempt, fault: Fault): void {
  if (attempt.fault !== undefined) return;
  attempt.fault = fault;
  attempt.deadline?.stop();
  attempt.call?.cut();
  attempt.onCut?.();
}

/** Whether the failure says nothing about the server: the client caused it, another attempt was faster, or we failed. */
export function isNotTheServers(failure: Fault): boolean {
  return isCutReason(failure) || failure === "proxy_internal_error";
}

/** Why an answer broke off: what we cut it for, else what its client did, else its server. */
export function whyBroken({ fault, exchange }: Attempt): Fault {
  return (
    fault ?? exchange.clientBody?.fault ?? (exchange.isBodyTooLong ? "long_body" : "http_response_incomplete")
  );
}

/** Notes that the answer broke off after its headers: that is a failure of the server's, unless the client caused it. */
export function breakOff(attempt: Attempt, fault: Fault): void {
  attempt.span?.note(fault);
  if (!isNotTheServers(fault)) attempt.result = 0;
}

/** From now on a client that leaves takes its attempt along. */
export function watchClient(attempt: Attempt): void {
  if (attempt.isClientWatched) return;
  attempt.isClientWatched = true;
  const { signal } = attempt.exchange.request;
  const leave = (): void => giveUp(attempt, "client_left");
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
}
