import { createSpanId } from "../../http/request-id.ts";
import { type TraceParent, writeTraceparent } from "../../http/trace-context.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AttemptSpan, Trace, TracedPlace } from "../exchange/trace.ts";
import { exchangeAttributes, exchangeError, nameSpan } from "./attributes.ts";
import { RecordedAttempt } from "./recorded-attempt.ts";
import { writeSpan } from "./span.ts";

/** What traces are made with. */
export interface TraceTools {
  readonly random: () => number;
  readonly monotonicMs: () => number;
  /** Takes a span, as JSON. */
  readonly add: (span: string) => void;
}

/** Where a trace comes from. */
export interface TraceOrigin {
  readonly traceId: string;
  /** Whoever asks, where it says so. */
  readonly parent: TraceParent | undefined;
  /** Whether what we do is recorded. */
  readonly isSampled: boolean;
  /** What others say of the trace; "" = nothing. */
  readonly traceState: string;
}

/** An exchange's place in a trace: known to its servers, and recorded where the trace is sampled. */
export class ExchangeTrace implements Trace {
  readonly traceId: string;
  readonly #exchange: Exchange;
  readonly #origin: TraceOrigin;
  readonly #tools: TraceTools;
  readonly #spanId: string;
  #attempts = 0;

  constructor(exchange: Exchange, origin: TraceOrigin, tools: TraceTools) {
    this.traceId = origin.traceId;
    this.#exchange = exchange;
    this.#origin = origin;
    this.#tools = tools;
    this.#spanId = createSpanId(tools.random);
  }

  ask(headers: Headers, place: TracedPlace): AttemptSpan | undefined {
    const { traceId, isSampled, traceState } = this.#origin;
    const spanId = createSpanId(this.#tools.random);
    headers.set("traceparent", writeTraceparent({ traceId, spanId, isSampled }));
    if (traceState === "") headers.delete("tracestate");
    else headers.set("tracestate", traceState);
    return isSampled ? this.#record(spanId, place) : undefined;
  }

  end(endedMs: number, routePath: string): void {
    if (!this.#origin.isSampled) return;
    const { parent, traceId, traceState } = this.#origin;
    const exchange = this.#exchange;
    const span = writeSpan({
      kind: "server",
      name: nameSpan(exchange.method, routePath),
      traceId,
      spanId: this.#spanId,
      parentId: parent?.spanId ?? "",
      isParentRemote: parent !== undefined,
      traceState,
      startedAt: exchange.startedAt,
      durationMs: endedMs - exchange.startedMs,
      attributes: exchangeAttributes(exchange, routePath),
      isError: exchangeError(exchange) !== undefined,
    });
    this.#tools.add(span);
  }

  /** A mirror's copy goes out under the same trace, and is nobody's second attempt. */
  #record(spanId: string, place: TracedPlace): RecordedAttempt {
    const isCopy = place.exchange !== this.#exchange;
    const resendCount = isCopy ? 0 : this.#attempts++;
    const { traceId, traceState } = this.#origin;
    return new RecordedAttempt({
      ...this.#tools,
      exchange: this.#exchange,
      place,
      traceId,
      spanId,
      parentId: this.#spanId,
      traceState,
      resendCount,
      isCopy,
    });
  }
}
