import type { Exchange } from "../exchange/exchange.ts";
import type { AttemptSpan, TracedPlace } from "../exchange/trace.ts";
import type { AttemptEnd } from "./attempt-end.ts";
import { attemptAttributes, attemptError, nameSpan } from "./attributes.ts";
import { writeSpan } from "./span.ts";

/** What an attempt's span is made of besides its end. */
export interface AttemptOrigin extends Pick<AttemptEnd, "resendCount" | "isCopy"> {
  readonly exchange: Exchange;
  readonly place: TracedPlace;
  readonly traceId: string;
  readonly spanId: string;
  /** The exchange's span. */
  readonly parentId: string;
  readonly traceState: string;
  readonly monotonicMs: () => number;
  /** Takes the span, as JSON. */
  readonly add: (span: string) => void;
}

/** An attempt that is recorded. */
export class RecordedAttempt implements AttemptSpan {
  readonly #origin: AttemptOrigin;
  #status = 0;
  #fault = "";

  constructor(origin: AttemptOrigin) {
    this.#origin = origin;
  }

  note(outcome: number | string): void {
    if (typeof outcome === "number") this.#status = outcome;
    else this.#fault = outcome;
  }

  end(bytesIn: number, bytesOut: number): void {
    const { exchange, place, monotonicMs, add, ...origin } = this.#origin;
    const end = { ...origin, status: this.#status, fault: this.#fault, bytesIn, bytesOut };
    const span = writeSpan({
      ...origin,
      kind: "client",
      name: nameSpan(exchange.method),
      isParentRemote: false,
      startedAt: exchange.startedAt + place.startedMs - exchange.startedMs,
      durationMs: monotonicMs() - place.startedMs,
      attributes: attemptAttributes(exchange, place, end),
      isError: attemptError(end) !== undefined,
    });
    add(span);
  }
}
